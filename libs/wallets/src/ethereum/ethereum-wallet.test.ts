/** Against the real go-ethereum. Whether somebody was paid is asked of the chain. */
import { chmodSync, writeFileSync } from 'node:fs';
import { type EthashCoin, findCoin } from '@otedama/chain-params';
import type { Payee, PayoutWallet, SignedTransaction } from '@otedama/payouts';
import {
  describeWith,
  ethashGeth,
  type EthereumNode,
  type Scratch,
  scratchDirectory,
  type SpoilingProxy,
  startEthereumNode,
  startSpoilingProxy,
} from '@otedama/test-harness';
import { connectionTo } from '../testing/connections.ts';
import { codeOf } from '../testing/refusals.ts';
import { createEthereumWallet, type EthereumWalletOptions } from './ethereum-wallet.ts';

const ETHER = 10n ** 18n;
/** Of the secret keys 2 and 3. */
const POOL = '0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF';
const POOL_KEY = '2'.padStart(64, '0');
const OTHER_KEY = '3'.padStart(64, '0');
const MINER = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
const FUNDS = 1_000n * ETHER;
const PLAIN_GAS = 21_000n;

/** Code that puts the code behind it in place. */
const deploying = (runtime: string): string => {
  const bytes = runtime.length / 2;
  const hex = (value: number): string => value.toString(16).padStart(2, '0');
  return `0x${hex(0x5f + bytes)}${runtime}60005260${hex(bytes)}60${hex(32 - bytes)}f3`;
};
const REFUSES = deploying('60006000fd');
/** Writes down that it was paid, and takes no second payment. */
const TAKES_ONE = deploying('60005415600c5760006000fd5b600160005500');

const etcOn = (network: string): EthashCoin => {
  const coin = findCoin('ethereum-classic', network);
  if (coin === undefined) throw new Error(`no Ethereum Classic on ${network}`);
  return coin;
};

const hangUp = {
  methods: ['eth_sendRawTransaction'],
  afterwards: true,
  answer: (response: { destroy(): void }) => void response.destroy(),
};

describeWith('geth', ethashGeth()).each([
  ['without a base fee', false],
  ['with a base fee', true],
])('payouts on an Ethereum chain %s', (_name, baseFee) => {
  let scratch: Scratch;
  let node: EthereumNode;
  let proxy: SpoilingProxy;
  let keyFile: string;
  let wallet: PayoutWallet;
  const opened: PayoutWallet[] = [];

  const open = (over: Partial<EthereumWalletOptions> = {}): PayoutWallet => {
    const created = createEthereumWallet({
      coin: etcOn('regtest'),
      daemons: [connectionTo(proxy.url)],
      payoutAddress: POOL,
      keyFile,
      maxFeeAtomic: ETHER,
      reserveAtomic: ETHER,
      ...over,
    });
    opened.push(created);
    return created;
  };

  const keep = (name: string, text: string, mode = 0o600): string => {
    const path = `${scratch.path}/${name}`;
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };

  const payee = (amountAtomic: bigint, address = MINER): Payee => ({ address, amountAtomic });

  const balanceOf = async (address: string): Promise<bigint> =>
    BigInt(await node.call<string>('eth_getBalance', address, 'latest'));

  const nonceOf = ({ spends: [spend = ''] }: SignedTransaction): number =>
    Number(spend.slice('nonce:'.length));

  /** What the miner gets while this is done. */
  const gain = async (doing: () => Promise<void>, address = MINER): Promise<bigint> => {
    const before = await balanceOf(address);
    await doing();
    return (await balanceOf(address)) - before;
  };

  const deploy = async (code: string): Promise<string> => {
    const params = { from: node.payer, data: code, gas: '0x30d40', gasPrice: '0x174876e800' };
    const id = await node.call<string>('eth_sendTransaction', params);
    await node.mine();
    const receipt = await node.call<{ contractAddress: string }>('eth_getTransactionReceipt', id);
    return wallet.canonical(receipt.contractAddress);
  };

  beforeAll(async () => {
    scratch = scratchDirectory('eth-wallet');
    node = await startEthereumNode(`${scratch.path}/node`, { baseFee, funds: { [POOL]: FUNDS } });
    proxy = await startSpoilingProxy(node.url);
    keyFile = keep('pool.key', `0x${POOL_KEY}\n`);
    await node.mine();
    wallet = open();
  }, 120_000);

  afterEach(() => proxy.spoil(undefined));

  afterAll(async () => {
    for (const each of opened) each.close();
    await proxy?.stop();
    await node?.stop();
    scratch?.remove();
  }, 60_000);

  describe('check', () => {
    it('passes for the chain and the key of the pool', async () => {
      await wallet.check();
    });

    it('refuses another chain, and a key that is not there, not safe, not one, or of another account', async () => {
      expect(await codeOf(open({ coin: etcOn('mordor') }).check())).toBe('WALLET_WRONG_CHAIN');
      const locked = ['none.key', keep('open.key', POOL_KEY, 0o640), keep('long.key', POOL_KEY.repeat(9))];
      locked.push(keep('word.key', 'correct horse'), keep('zero.key', '0'.repeat(64)));
      for (const path of locked) expect(await codeOf(open({ keyFile: path }).check())).toBe('WALLET_LOCKED');
      const other = keep('other.key', OTHER_KEY);
      expect(await codeOf(open({ keyFile: other }).check())).toBe('WALLET_MISSING');
      expect(await codeOf(open({ daemons: [connectionTo('http://127.0.0.1:9')] }).check())).toBe(
        'WALLET_UNREACHABLE',
      );
    });

    it('asks the next daemon when the first does not answer', async () => {
      await open({ daemons: [connectionTo('http://127.0.0.1:9'), connectionTo(node.url)] }).check();
    });
  });

  it('knows one form of an address, and refuses a wrong checksum and other coins', () => {
    expect(wallet.canonical(MINER.toLowerCase())).toBe(MINER);
    expect(() => wallet.canonical(MINER.replace('aA', 'Aa'))).toThrow(/checksum/);
    expect(() => wallet.canonical('ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9')).toThrow(
      expect.objectContaining({ code: 'ADDRESS_WRONG_NETWORK' }),
    );
  });

  describe('a payout', () => {
    it('sends nothing when it is signed, and pays to the last unit when it is sent', async () => {
      const signed = await wallet.sign([payee(ETHER + 1n)], []);
      expect(await wallet.standing(signed)).toEqual({ kind: 'unknown' });
      const gained = await gain(async () => {
        await wallet.broadcast(signed);
        expect(await wallet.standing(signed)).toEqual({ kind: 'pending' });
        await node.mine(3);
      });
      expect(gained).toBe(ETHER + 1n);
      const standing = await wallet.standing(signed);
      if (standing.kind !== 'confirmed') throw new Error(`it is ${standing.kind}`);
      expect(standing.confirmations).toBe(3);
      expect(standing.feeAtomic).toBeLessThanOrEqual(signed.feeAtomic);
      const receipt = await node.call<{ effectiveGasPrice: string; type: string }>(
        'eth_getTransactionReceipt',
        signed.txid,
      );
      expect(standing.feeAtomic).toBe(PLAIN_GAS * BigInt(receipt.effectiveGasPrice));
      expect(receipt.type).toBe(baseFee ? '0x2' : '0x0');
    });

    it('takes what left the account from it, and no more', async () => {
      const before = await balanceOf(POOL);
      const signed = await wallet.sign([payee(ETHER)], []);
      await wallet.broadcast(signed);
      await node.mine();
      const standing = await wallet.standing(signed);
      expect(standing).toMatchObject({ kind: 'confirmed' });
      if (standing.kind === 'confirmed')
        expect(before - (await balanceOf(POOL))).toBe(ETHER + standing.feeAtomic);
    });

    it('uses each nonce once, also where the node has forgotten what is in flight', async () => {
      const first = await wallet.sign([payee(1n)], []);
      const second = await wallet.sign([payee(2n)], [first]);
      await wallet.broadcast(second);
      await wallet.broadcast(first);
      await node.restart();
      const third = await wallet.sign([payee(3n)], [second, first]);
      expect([second, third].map(nonceOf)).toEqual([nonceOf(first) + 1, nonceOf(first) + 2]);
      expect(await wallet.standing(first)).toEqual({ kind: 'unknown' });
      const gained = await gain(async () => {
        for (const each of [first, second, third]) await wallet.broadcast(each);
        await node.mine();
      });
      expect(gained).toBe(6n);
    }, 60_000);

    it('is sent again without harm, in the pool and in the chain', async () => {
      const signed = await wallet.sign([payee(7n)], []);
      const gained = await gain(async () => {
        await wallet.broadcast(signed);
        await wallet.broadcast(signed);
        await node.mine();
        await wallet.broadcast(signed);
        await node.mine();
      });
      expect(gained).toBe(7n);
    });

    it('counts as sent when the node took it and its answer was lost', async () => {
      const signed = await wallet.sign([payee(8n)], []);
      proxy.spoil(hangUp);
      await wallet.broadcast(signed);
      expect(await gain(() => node.mine())).toBe(8n);
    });

    it('is not known to have been sent when nobody answers at all', async () => {
      const signed = await wallet.sign([payee(9n)], []);
      proxy.spoil({ ...hangUp, methods: ['eth_sendRawTransaction', 'eth_getTransactionByHash'] });
      expect(await codeOf(wallet.broadcast(signed))).toBe('BROADCAST_UNKNOWN');
      proxy.spoil(undefined);
      await wallet.broadcast(signed);
      expect(await gain(() => node.mine())).toBe(9n);
    });
  });

  describe('a replacement', () => {
    it('has the nonce, the payee and the amount of the stuck one, and an eighth more of a fee', async () => {
      const stuck = await wallet.sign([payee(11n)], []);
      await wallet.broadcast(stuck);
      const bumped = await wallet.bump?.([payee(11n)], stuck, [stuck]);
      if (bumped === undefined) throw new Error('no replacement');
      expect(bumped.spends).toEqual(stuck.spends);
      expect(bumped.feeAtomic * 8n).toBeGreaterThanOrEqual(stuck.feeAtomic * 9n);
      const gained = await gain(async () => {
        await wallet.broadcast(bumped);
        expect(await wallet.standing(stuck)).toEqual({ kind: 'unknown' });
        expect(await codeOf(wallet.broadcast(stuck))).toBe('BROADCAST_REFUSED');
        await node.mine(2);
      });
      expect(gained).toBe(11n);
      expect(await wallet.standing(bumped)).toMatchObject({ kind: 'confirmed', confirmations: 2 });
      expect(await wallet.standing(stuck)).toEqual({ kind: 'conflicted', confirmations: 2, by: bumped.txid });
      expect(await codeOf(wallet.broadcast(stuck))).toBe('BROADCAST_REFUSED');
    });

    it('is not made for one that waits for another, that is mined, or that pays somebody else', async () => {
      const first = await wallet.sign([payee(12n)], []);
      const second = await wallet.sign([payee(13n)], [first]);
      const bump = (amount: bigint, stuck: SignedTransaction) =>
        wallet.bump?.([payee(amount)], stuck, [first, second]) ?? Promise.resolve();
      expect(await codeOf(bump(13n, second))).toBe('WALLET_CANNOT_BUMP');
      expect(await codeOf(bump(13n, first))).toBe('WALLET_CANNOT_BUMP');
      await wallet.broadcast(first);
      await node.mine();
      expect(await codeOf(bump(12n, first))).toBe('WALLET_CANNOT_BUMP');
    });
  });

  describe('what cannot be paid', () => {
    it('says so: too much, the reserve, what is in flight, nothing, a fee above the limit', async () => {
      const { spendableAtomic } = await wallet.balance();
      expect(spendableAtomic).toBe((await balanceOf(POOL)) - ETHER);
      expect(await codeOf(wallet.sign([payee(spendableAtomic)], []))).toBe('WALLET_INSUFFICIENT_FUNDS');
      const most = await wallet.sign([payee(spendableAtomic - ETHER)], []);
      expect(await codeOf(wallet.sign([payee(ETHER)], [most]))).toBe('WALLET_INSUFFICIENT_FUNDS');
      expect(await codeOf(wallet.sign([payee(0n)], []))).toBe('AMOUNT_BELOW_DUST');
      expect(await codeOf(wallet.sign([payee(1n), payee(1n)], []))).toBe('WALLET_TRANSACTION_TOO_LARGE');
      expect(await codeOf(open({ maxFeeAtomic: 1n }).sign([payee(1n)], []))).toBe('WALLET_FEE_TOO_HIGH');
    });

    it('refuses a contract that takes no payment, and pays one that does what it likes with it', async () => {
      const refusing = await deploy(REFUSES);
      await expect(wallet.sign([payee(1n, refusing)], [])).rejects.toMatchObject({
        code: 'ADDRESS_INVALID',
        address: refusing,
      });
      const taking = await deploy(TAKES_ONE);
      const signed = await wallet.sign([payee(5n, taking)], []);
      const gained = await gain(async () => {
        await wallet.broadcast(signed);
        await node.mine();
      }, taking);
      expect(gained).toBe(5n);
      expect(await wallet.standing(signed)).toMatchObject({ kind: 'confirmed' });
    });

    it('sees a payment that was taken into a block and had no effect', async () => {
      const once = await deploy(TAKES_ONE);
      const first = await wallet.sign([payee(5n, once)], []);
      const second = await wallet.sign([payee(5n, once)], [first]);
      const gained = await gain(async () => {
        await wallet.broadcast(first);
        await wallet.broadcast(second);
        await node.mine(2);
      }, once);
      expect(gained).toBe(5n);
      const standing = await wallet.standing(second);
      expect(standing).toMatchObject({ kind: 'failed', confirmations: 2 });
      if (standing.kind === 'failed') expect(standing.feeAtomic).toBeGreaterThan(0n);
    });
  });

  describe('when the chain changes its mind', () => {
    it('follows a payout out of the chain and in again', async () => {
      const height = await node.height();
      const signed = await wallet.sign([payee(21n)], []);
      await wallet.broadcast(signed);
      await node.mine(2);
      expect(await wallet.standing(signed)).toMatchObject({ kind: 'confirmed', confirmations: 2 });
      await node.rewind(height);
      expect(await wallet.standing(signed)).toEqual({ kind: 'unknown' });
      const gained = await gain(async () => {
        await wallet.broadcast(signed);
        await node.mine();
      });
      expect(gained).toBe(21n);
      expect(await wallet.standing(signed)).toMatchObject({ kind: 'confirmed', confirmations: 1 });
    }, 60_000);

    it('finds what used the nonce instead, as deep as the node remembers', async () => {
      const loser = await wallet.sign([payee(22n)], []);
      const winner = await wallet.sign([payee(23n)], []);
      expect(winner.spends).toEqual(loser.spends);
      await wallet.broadcast(winner);
      await node.mine(4);
      expect(await wallet.standing(loser)).toEqual({ kind: 'conflicted', confirmations: 4, by: winner.txid });
      await node.mine(126);
      const deep = await wallet.standing(loser);
      expect(deep).toMatchObject({ kind: 'conflicted' });
      if (deep.kind === 'conflicted') expect(deep.confirmations).toBeGreaterThanOrEqual(127);
      // A node that was started anew has forgotten all but some of them.
      await node.restart();
      expect(await wallet.standing(loser)).toMatchObject({ kind: 'conflicted' });
    }, 60_000);
  });
});
