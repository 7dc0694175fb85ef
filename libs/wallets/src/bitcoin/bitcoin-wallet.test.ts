import { findCoin, type ScriptCoin } from '@otedama/chain-params';
import {
  type PayoutWallet,
  type SignedTransaction,
  type WalletErrorCode,
  isWalletError,
} from '@otedama/payouts';
import {
  createRpc,
  describeWith,
  litecoind,
  type LitecoinNode,
  type Rpc,
  type Scratch,
  scratchDirectory,
  startLitecoinNode,
} from '@otedama/test-harness';
import { type BitcoinWalletOptions, createBitcoinWallet } from './bitcoin-wallet.ts';

import.meta.jest.setTimeout(120_000);

const coinOf = (id: string, network: string): ScriptCoin => {
  const coin = findCoin(id, network);
  if (coin?.family !== 'bitcoin' && coin?.family !== 'kawpow') throw new Error(`no ${id} of ${network}`);
  return coin;
};
const LITECOIN = coinOf('litecoin', 'regtest');
const COIN = 100_000_000n;
const FEES = { floorPerKvb: 1_000n, ceilingPerKvb: 1_000_000n, fallbackPerKvb: 10_000n };

const codeOf = async (call: Promise<unknown>): Promise<WalletErrorCode> => {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (isWalletError(error)) return error.code;
  throw new Error(`expected a WalletError, got ${String(error)}`, { cause: error });
};

interface Output {
  readonly value: number;
  readonly n: number;
  readonly scriptPubKey: { readonly addresses?: readonly string[] };
}
interface Decoded {
  readonly txid: string;
  readonly vsize: number;
  readonly vin: readonly { readonly txid: string; readonly vout: number; readonly sequence: number }[];
  readonly vout: readonly Output[];
}

describeWith('litecoind', litecoind())('the wallet of a litecoind', () => {
  let scratch: Scratch;
  let node: LitecoinNode;
  let miner: Rpc;
  let names = 0;
  const open: { close(): void }[] = [];

  const walletRpc = (name: string): Rpc => createRpc(`${node.rpc.url}/wallet/${name}`, 'u', 'p');
  const mine = async (blocks = 1): Promise<void> => {
    await node.rpc.call('generatetoaddress', blocks, await miner.call<string>('getnewaddress'));
  };
  /** Loaded again by a node that is started again. */
  const createWallet = async (name: string, ...options: readonly unknown[]): Promise<Rpc> => {
    const [hasNoKeys = false, isBlank = false, passphrase = ''] = options;
    await node.rpc.call('createwallet', name, hasNoKeys, isBlank, passphrase, false, false, true);
    return walletRpc(name);
  };
  const fund = async (to: Rpc, amounts: readonly number[], type = 'bech32'): Promise<void> => {
    const addresses: string[] = [];
    for (const _ of amounts) addresses.push(await to.call<string>('getnewaddress', '', type));
    await miner.call(
      'sendmany',
      '',
      Object.fromEntries(addresses.map((address, at) => [address, amounts[at]])),
    );
    await mine();
  };
  const connect = (wallet: string, options: Partial<BitcoinWalletOptions> = {}): PayoutWallet => {
    const payer = createBitcoinWallet({
      name: 'ltc',
      url: node.rpc.url,
      user: 'u',
      password: { reveal: () => 'p' },
      coin: LITECOIN,
      wallet,
      maxPayees: 500,
      targetBlocks: 6,
      fees: FEES,
      replaces: true,
      ...options,
    });
    open.push(payer);
    return payer;
  };
  /** A wallet with these coins, and who pays from it. */
  const funded = async (
    amounts: readonly number[],
    options: Partial<BitcoinWalletOptions> = {},
  ): Promise<{ readonly rpc: Rpc; readonly wallet: PayoutWallet; readonly name: string }> => {
    const name = `w${++names}`;
    const rpc = await createWallet(name);
    await fund(rpc, amounts);
    return { rpc, wallet: connect(name, options), name };
  };
  const payee = async (amountAtomic: bigint, type = 'bech32') => ({
    address: await miner.call<string>('getnewaddress', '', type),
    amountAtomic,
  });
  const decode = ({ raw }: SignedTransaction): Promise<Decoded> => node.rpc.call('decoderawtransaction', raw);
  const received = async ({ address }: { readonly address: string }, confirmations = 1): Promise<number> =>
    miner.call('getreceivedbyaddress', address, confirmations);

  beforeAll(async () => {
    scratch = scratchDirectory('wallet');
    node = await startLitecoinNode(scratch.path, ['-mempoolreplacement=1', '-txindex=1']);
    miner = await createWallet('miner');
    await mine(120);
  });
  afterEach(() => {
    for (const one of open.splice(0)) one.close();
  });
  afterAll(async () => {
    await node[Symbol.asyncDispose]();
    scratch.remove();
  });

  describe('check', () => {
    it('finds nothing wrong with a wallet that can pay', async () => {
      const { wallet } = await funded([1]);
      await wallet.check();
      expect(await wallet.balance()).toEqual({ spendableAtomic: COIN, pendingAtomic: 0n });
    });

    it('says which chain, which wallet, and what to do about a lock', async () => {
      const { name } = await funded([1]);
      const coins = [
        coinOf('litecoin', 'mainnet'),
        coinOf('litecoin', 'testnet'),
        coinOf('bitcoin', 'regtest'),
      ];
      for (const coin of coins)
        expect(await codeOf(connect(name, { coin }).check())).toBe('WALLET_WRONG_CHAIN');
      expect(await codeOf(connect('nobody').check())).toBe('WALLET_MISSING');
      expect(await codeOf(connect(name, { wallet: undefined }).check())).toBe('WALLET_MISSING');
      expect(await codeOf(connect(name, { password: { reveal: () => 'x' } }).check())).toBe(
        'WALLET_UNAUTHORIZED',
      );
      expect(await codeOf(connect(name, { url: 'http://127.0.0.1:1' }).check())).toBe('WALLET_UNREACHABLE');
      await createWallet('looks', true);
      expect(await codeOf(connect('looks').check())).toBe('WALLET_WATCH_ONLY');
      const safe = await createWallet('safe', false, false, 'word');
      await fund(safe, [1]);
      const wallet = connect('safe');
      expect(await codeOf(wallet.check())).toBe('WALLET_LOCKED');
      expect(await codeOf(wallet.sign([await payee(1_000_000n)], []))).toBe('WALLET_LOCKED');
      await safe.call('walletpassphrase', 'word', 60);
      await wallet.check();
      expect((await wallet.sign([await payee(1_000_000n)], [])).spends).toHaveLength(1);
    });
  });

  describe('sign', () => {
    it('pays everybody exactly, and the rest back to the wallet', async () => {
      const { rpc, wallet } = await funded([1, 2, 3]);
      const payees = [
        await payee(150_000_000n),
        await payee(5_460n, 'legacy'),
        await payee(200_000_001n, 'p2sh-segwit'),
      ];
      const signed = await wallet.sign(payees, []);
      const decoded = await decode(signed);
      expect(decoded.txid).toBe(signed.txid);
      expect(decoded.vin.map(({ txid, vout }) => `${txid}:${vout}`)).toEqual(signed.spends);
      const [one, two, three, change, ...more] = decoded.vout;
      expect([one, two, three].map((output) => output?.value)).toEqual([1.5, 0.0000546, 2.00000001]);
      expect([one, two, three].map((output) => output?.scriptPubKey.addresses?.[0])).toEqual(
        payees.map(({ address }) => address),
      );
      expect(more).toEqual([]);
      const info = await rpc.call<{ ismine: boolean }>('getaddressinfo', change?.scriptPubKey.addresses?.[0]);
      expect(info.ismine).toBe(true);
      // At the fallback of 10 for a byte, within the estimate of the signatures' lengths.
      const perByte = Number(signed.feeAtomic) / decoded.vsize;
      expect(perByte).toBeGreaterThanOrEqual(10);
      expect(perByte).toBeLessThan(10.3);
      await wallet.broadcast(signed);
      await mine();
      expect(await Promise.all(payees.map((one_) => received(one_)))).toEqual([1.5, 0.0000546, 2.00000001]);
      expect(await wallet.standing(signed)).toMatchObject({
        kind: 'confirmed',
        confirmations: 1,
        feeAtomic: signed.feeAtomic,
      });
    });
  });
});
