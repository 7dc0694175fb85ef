/**
 * Against the real monerod and monero-wallet-rpc on regtest. Whether somebody was paid is asked of the payee's own
 * wallet.
 */
import { type CryptonoteCoin, findCoin } from '@otedama/chain-params';
import type { Payee, PayoutWallet, SignedTransaction } from '@otedama/payouts';
import {
  describeWith,
  type MoneroNode,
  monerod,
  type MoneroWallet,
  moneroWalletRpc,
  RpcFailure,
  type Scratch,
  scratchDirectory,
  type SpoilingProxy,
  startMoneroNode,
  startMoneroWallet,
  startSpoilingProxy,
} from '@otedama/test-harness';
import { connectionTo } from '../testing/connections.ts';
import { codeOf } from '../testing/refusals.ts';
import { createMoneroWallet, type MoneroWalletOptions } from './monero-wallet.ts';

const moneroOn = (network: 'regtest' | 'stagenet'): CryptonoteCoin => {
  const coin = findCoin('monero', network);
  if (coin === undefined) throw new Error(`no Monero on ${network}`);
  return coin;
};
/** Of stagenet, from monero's own tests. */
const STAGENET_ADDRESS =
  '53teqCAESLxeJ1REzGMAat1ZeHvuajvDiXqboEocPaDRRmqWoVPzy46GLo866qRFjbNhfkNckyhST3WEvBviDwpUDd7DSzB';
const COIN = 10n ** 12n;
const MATURITY = 60;

describeWith('monerod and monero-wallet-rpc', monerod() && moneroWalletRpc())('payouts in Monero', () => {
  let scratch: Scratch;
  let node: MoneroNode;
  let pool: MoneroWallet;
  let miner: MoneroWallet;
  let walletProxy: SpoilingProxy;
  let nodeProxy: SpoilingProxy;
  let poolAddress: string;
  let minerAddress: string;
  let wallet: PayoutWallet;
  const opened: PayoutWallet[] = [];

  const open = (over: Partial<MoneroWalletOptions> = {}): PayoutWallet => {
    const created = createMoneroWallet({
      coin: moneroOn('regtest'),
      walletRpc: connectionTo(walletProxy.url),
      daemons: [connectionTo(nodeProxy.url)],
      payoutAddress: poolAddress,
      maxFeeAtomic: COIN,
      priority: 0,
      ...over,
    });
    opened.push(created);
    return created;
  };

  const mine = async (blocks: number): Promise<void> => {
    await node.generate(poolAddress, blocks);
    await pool.refresh();
  };

  const payee = (amountAtomic: bigint, address = minerAddress): Payee => ({ address, amountAtomic });

  /** What the miner's wallet has had of this transaction, in blocks and in the pool. */
  const received = async ({ txid }: SignedTransaction): Promise<bigint> => {
    await miner.refresh();
    const found = await miner.rpc
      .call<{ transfers: readonly { amount: number }[] }>('get_transfer_by_txid', { txid })
      .catch((error: unknown) => {
        if (error instanceof RpcFailure) return { transfers: [] };
        throw error;
      });
    return found.transfers.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
  };

  const revive = async (): Promise<void> => {
    await pool.kill();
    await pool.start();
  };

  beforeAll(async () => {
    scratch = scratchDirectory('xmr-wallet');
    node = await startMoneroNode(`${scratch.path}/node`);
    [pool, miner] = await Promise.all([
      startMoneroWallet(`${scratch.path}/pool`, { daemonUrl: node.url }),
      startMoneroWallet(`${scratch.path}/miner`, { daemonUrl: node.url }),
    ]);
    [walletProxy, nodeProxy] = [await startSpoilingProxy(pool.url), await startSpoilingProxy(node.url)];
    [poolAddress, minerAddress] = [await pool.address(), await miner.address()];
    await mine(MATURITY + 60);
    wallet = open();
  }, 180_000);

  afterEach(() => {
    walletProxy.spoil(undefined);
    nodeProxy.spoil(undefined);
  });

  afterAll(async () => {
    for (const each of opened) each.close();
    await walletProxy?.stop();
    await nodeProxy?.stop();
    await Promise.all([pool?.stop(), miner?.stop()]);
    await node?.stop();
    scratch?.remove();
  }, 120_000);

  describe('check', () => {
    it('passes for the wallet of the pool', async () => {
      await wallet.check();
    });

    it('refuses another network, another wallet, and one that only looks', async () => {
      expect(await codeOf(open({ coin: moneroOn('stagenet') }).check())).toBe('WALLET_WRONG_CHAIN');
      expect(await codeOf(open({ payoutAddress: minerAddress }).check())).toBe('WALLET_MISSING');
      const watch = { address: poolAddress, viewKey: await pool.secretKey('view') };
      const looking = await startMoneroWallet(`${scratch.path}/watch`, { daemonUrl: node.url, watch });
      const watchOnly = open({ walletRpc: connectionTo(looking.url) });
      expect(await codeOf(watchOnly.check())).toBe('WALLET_WATCH_ONLY');
      await looking.refresh();
      expect(await codeOf(watchOnly.sign([payee(COIN)], []))).toBe('WALLET_WATCH_ONLY');
      await looking.stop();
    }, 120_000);

    it('refuses a wallet-rpc that is not let pay', async () => {
      const flags = ['--restricted-rpc'];
      const spendKey = await pool.secretKey('spend');
      const restricted = await startMoneroWallet(`${scratch.path}/restricted`, {
        daemonUrl: node.url,
        spendKey,
        flags,
      });
      expect(await codeOf(open({ walletRpc: connectionTo(restricted.url) }).check())).toBe(
        'WALLET_WATCH_ONLY',
      );
      await restricted.stop();
    }, 120_000);

    it('tells a wallet that is not open from one that is not there', async () => {
      await pool.rpc.call('close_wallet');
      expect(await codeOf(wallet.check())).toBe('WALLET_MISSING');
      await pool.kill();
      expect(await codeOf(wallet.check())).toBe('WALLET_UNREACHABLE');
      await pool.start();
      await wallet.check();
    }, 120_000);

    it('logs in by digest', async () => {
      const login = { user: 'pool', password: 'secret' };
      const locked = await startMoneroWallet(`${scratch.path}/login`, { daemonUrl: node.url, login });
      const connection = { ...connectionTo(locked.url), user: login.user };
      const withPassword = (password: string) =>
        open({ walletRpc: { ...connection, password: { reveal: () => password } } });
      expect(await codeOf(withPassword('wrong').check())).toBe('WALLET_UNAUTHORIZED');
      // It gets in, and finds a wallet that is not the pool's.
      expect(await codeOf(withPassword(login.password).check())).toBe('WALLET_MISSING');
      await locked.stop();
    }, 120_000);
  });

  describe('addresses', () => {
    it('refuses those of another network and what is none, and knows who is paid alone', async () => {
      expect(wallet.canonical(minerAddress)).toBe(minerAddress);
      expect(() => wallet.canonical(STAGENET_ADDRESS)).toThrow(/Monero stagenet/);
      expect(() => wallet.canonical(`${minerAddress}1`)).toThrow(
        expect.objectContaining({ code: 'ADDRESS_INVALID' }),
      );
      const { integrated_address: integrated } = await miner.rpc.call<{ integrated_address: string }>(
        'make_integrated_address',
      );
      expect(wallet.paidAlone?.(integrated)).toBe(true);
      expect(wallet.paidAlone?.(minerAddress)).toBe(false);
      expect(await codeOf(wallet.sign([payee(COIN), payee(COIN, integrated)], []))).toBe('ADDRESS_INVALID');
      const alone = await wallet.sign([payee(COIN, integrated)], []);
      await wallet.broadcast(alone);
      await mine(1);
      expect(await received(alone)).toBe(COIN);
    }, 120_000);

    it('pays subaddresses together with the others', async () => {
      const { address } = await miner.rpc.call<{ address: string }>('create_address', { account_index: 0 });
      const signed = await wallet.sign([payee(COIN, address), payee(2n * COIN)], []);
      await wallet.broadcast(signed);
      await mine(1);
      expect(await received(signed)).toBe(3n * COIN);
    }, 120_000);
  });

  describe('a payout', () => {
    it('sends nothing when it is signed, and pays to the last unit when it is sent', async () => {
      const signed = await wallet.sign([payee(1n), payee(123_456_789_012n)], []);
      expect(await wallet.standing(signed)).toEqual({ kind: 'unknown' });
      await wallet.broadcast(signed);
      expect(await wallet.standing(signed)).toEqual({ kind: 'pending' });
      await mine(2);
      const standing = await wallet.standing(signed);
      expect(standing).toMatchObject({ kind: 'confirmed', confirmations: 2, feeAtomic: signed.feeAtomic });
      expect(await received(signed)).toBe(123_456_789_013n);
    }, 120_000);

    it('carries fifteen payees and refuses more', async () => {
      const fifteen = Array.from({ length: 15 }, (_, i) => payee(COIN / 100n + BigInt(i)));
      const signed = await wallet.sign(fifteen, []);
      const { baseFeeAtomic, payeeFeeAtomic, dustAtomic } = await wallet.costs();
      const estimate = baseFeeAtomic + 15n * payeeFeeAtomic;
      expect(Number(signed.feeAtomic) / Number(estimate)).toBeGreaterThan(0.8);
      expect(Number(signed.feeAtomic) / Number(estimate)).toBeLessThan(1.25);
      expect(dustAtomic(minerAddress)).toBe(1n);
      expect(await codeOf(wallet.sign([...fifteen, payee(1n)], []))).toBe('WALLET_TRANSACTION_TOO_LARGE');
    }, 120_000);

    it('spends nothing that is in flight, also when the wallet was killed and has forgotten it', async () => {
      const first = await wallet.sign([payee(COIN)], []);
      const second = await wallet.sign([payee(COIN)], [first]);
      await wallet.broadcast(first);
      await revive();
      const third = await wallet.sign([payee(COIN)], [first, second]);
      const spends = [first, second, third].flatMap((each) => each.spends);
      expect(new Set(spends).size).toBe(spends.length);
      await wallet.broadcast(third);
      await wallet.broadcast(second);
      await mine(1);
      for (const each of [first, second, third]) {
        expect(await wallet.standing(each)).toMatchObject({ kind: 'confirmed', confirmations: 1 });
        expect(await received(each)).toBe(COIN);
      }
    }, 120_000);

    it('is sent by another wallet-rpc of the same keys as well, and with none at all', async () => {
      const first = await wallet.sign([payee(COIN)], []);
      const second = await wallet.sign([payee(COIN)], [first]);
      const spendKey = await pool.secretKey('spend');
      const twin = await startMoneroWallet(`${scratch.path}/twin`, { daemonUrl: node.url, spendKey });
      await pool.kill();
      // The node takes nothing itself: it is the twin that sends.
      nodeProxy.spoil({ methods: ['send_raw_transaction'], answer: (response) => void response.destroy() });
      await open({ walletRpc: connectionTo(twin.url) }).broadcast(first);
      await twin.stop();
      nodeProxy.spoil(undefined);
      await wallet.broadcast(second);
      await pool.start();
      await mine(1);
      expect(await received(first)).toBe(COIN);
      expect(await received(second)).toBe(COIN);
    }, 120_000);

    it('is sent again without harm, in the pool and in the chain', async () => {
      const signed = await wallet.sign([payee(COIN)], []);
      await wallet.broadcast(signed);
      await wallet.broadcast(signed);
      await revive();
      await wallet.broadcast(signed);
      await mine(1);
      const before = await wallet.balance();
      await wallet.broadcast(signed);
      expect(await wallet.balance()).toEqual(before);
      expect(await received(signed)).toBe(COIN);
    }, 120_000);
  });

  describe('when an answer is lost', () => {
    const hangUp = (method: string) => ({
      methods: [method],
      afterwards: true,
      answer: (response: { destroy(): void }) => void response.destroy(),
    });

    it('a signature whose answer was lost takes nothing', async () => {
      const before = await wallet.balance();
      walletProxy.spoil(hangUp('transfer'));
      expect(await codeOf(wallet.sign([payee(COIN)], []))).toBe('WALLET_UNREACHABLE');
      walletProxy.spoil(undefined);
      expect(await wallet.balance()).toEqual(before);
    }, 120_000);

    it('a transaction that went out, the answer being lost, counts as sent', async () => {
      const signed = await wallet.sign([payee(COIN)], []);
      walletProxy.spoil(hangUp('relay_tx'));
      await wallet.broadcast(signed);
      expect(await wallet.standing(signed)).toEqual({ kind: 'pending' });
      await mine(1);
      expect(await received(signed)).toBe(COIN);
    }, 120_000);

    it('says that it does not know when neither wallet nor node has answered', async () => {
      const signed = await wallet.sign([payee(COIN)], []);
      walletProxy.spoil(hangUp('relay_tx'));
      nodeProxy.spoil(hangUp('get_transactions'));
      expect(await codeOf(wallet.broadcast(signed))).toBe('BROADCAST_UNKNOWN');
      nodeProxy.spoil(undefined);
      await pool.kill();
      nodeProxy.spoil(hangUp('send_raw_transaction'));
      expect(await codeOf(wallet.broadcast(signed))).toBe('BROADCAST_UNKNOWN');
      nodeProxy.spoil(undefined);
      await wallet.broadcast(signed);
      await pool.start();
      await mine(1);
      expect(await received(signed)).toBe(COIN);
    }, 120_000);
  });

  describe('what cannot be paid', () => {
    it('says so: too much, not yet spendable, nothing, a fee above the limit', async () => {
      const { spendableAtomic, pendingAtomic } = await wallet.balance();
      expect(pendingAtomic).toBeGreaterThan(0n);
      for (const amount of [spendableAtomic, spendableAtomic + 1n, spendableAtomic + pendingAtomic + COIN])
        expect(await codeOf(wallet.sign([payee(amount)], []))).toBe('WALLET_INSUFFICIENT_FUNDS');
      expect(await codeOf(wallet.sign([payee(0n)], []))).toBe('AMOUNT_BELOW_DUST');
      expect(await codeOf(open({ maxFeeAtomic: 1n }).sign([payee(COIN)], []))).toBe('WALLET_FEE_TOO_HIGH');
      await wallet.sign([payee(COIN)], []);
    }, 120_000);
  });

  describe('when the chain changes its mind', () => {
    it('follows a payout out of the chain and in again', async () => {
      const signed = await wallet.sign([payee(COIN)], []);
      await wallet.broadcast(signed);
      await mine(1);
      expect(await wallet.standing(signed)).toMatchObject({ kind: 'confirmed', confirmations: 1 });
      await node.popBlocks(1);
      expect((await wallet.standing(signed)).kind).not.toBe('confirmed');
      await wallet.broadcast(signed);
      expect(await wallet.standing(signed)).toEqual({ kind: 'pending' });
      await mine(2);
      expect(await wallet.standing(signed)).toMatchObject({ kind: 'confirmed', confirmations: 2 });
      expect(await received(signed)).toBe(COIN);
    }, 120_000);

    it('finds what spent its outputs instead, and is refused', async () => {
      const loser = await wallet.sign([payee(COIN)], []);
      const winner = await wallet.sign([payee(2n * COIN)], []);
      expect(winner.spends.some((spend) => loser.spends.includes(spend))).toBe(true);
      await wallet.broadcast(winner);
      expect(await codeOf(wallet.broadcast(loser))).toBe('BROADCAST_REFUSED');
      expect(await wallet.standing(loser)).toEqual({ kind: 'unknown' });
      await mine(3);
      expect(await wallet.standing(loser)).toEqual({ kind: 'conflicted', confirmations: 3, by: winner.txid });
      expect(await codeOf(wallet.broadcast(loser))).toBe('BROADCAST_REFUSED');
      expect(await received(loser)).toBe(0n);
    }, 120_000);

    it('chooses again where the file of the wallet is older than the chain', async () => {
      await pool.rpc.call('store');
      const first = await wallet.sign([payee(COIN)], []);
      await pool.kill();
      await wallet.broadcast(first);
      await node.generate(minerAddress, 1);
      await pool.start();
      // Nobody tells it of the first any more.
      const second = await wallet.sign([payee(COIN)], []);
      expect(second.spends.some((spend) => first.spends.includes(spend))).toBe(false);
      await wallet.release(second);
    }, 120_000);
  });
});
