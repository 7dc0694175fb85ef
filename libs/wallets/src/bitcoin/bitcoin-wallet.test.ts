import type { SignedTransaction } from '@otedama/payouts';
import {
  activateMweb,
  describeWith,
  litecoind,
  type LitecoinWallets,
  type Rpc,
  type Scratch,
  scratchDirectory,
  startLitecoinWallets,
} from '@otedama/test-harness';
import { COIN, FEES, LitecoinPayers, scriptCoin } from '../testing/litecoin-payers.ts';
import { codeOf } from '../testing/refusals.ts';

interface Decoded {
  readonly txid: string;
  readonly vsize: number;
  readonly locktime: number;
  readonly vin: readonly { readonly txid: string; readonly vout: number; readonly sequence: number }[];
  readonly vout: readonly {
    readonly value: number;
    readonly scriptPubKey: { readonly addresses?: readonly string[] };
  }[];
}

describeWith('litecoind', litecoind())('the wallet of a litecoind', () => {
  let scratch: Scratch;
  let wallets: LitecoinWallets;
  let payers: LitecoinPayers<Rpc>;

  const decode = ({ raw }: SignedTransaction): Promise<Decoded> =>
    wallets.node.rpc.call('decoderawtransaction', raw);

  beforeAll(async () => {
    scratch = scratchDirectory('wallet');
    wallets = await startLitecoinWallets(scratch.path);
    payers = new LitecoinPayers(wallets);
  });
  afterEach(() => payers.close());
  afterAll(async () => {
    await wallets[Symbol.asyncDispose]();
    scratch.remove();
  });

  describe('check', () => {
    it('finds nothing wrong with a wallet that can pay', async () => {
      const { wallet } = await payers.funded([1]);
      await wallet.check();
      expect(await wallet.balance()).toEqual({ spendableAtomic: COIN, pendingAtomic: 0n });
    });

    it('says which chain, which wallet and which daemon it is not', async () => {
      const { name } = await payers.funded([1]);
      const others = [
        scriptCoin('litecoin', 'mainnet'),
        scriptCoin('litecoin', 'testnet'),
        scriptCoin('bitcoin', 'regtest'),
      ];
      for (const coin of others)
        expect(await codeOf(payers.connect(name, { coin }).check())).toBe('WALLET_WRONG_CHAIN');
      expect(await codeOf(payers.connect('nobody').check())).toBe('WALLET_MISSING');
      expect(await codeOf(payers.connect(name, { wallet: undefined }).check())).toBe('WALLET_MISSING');
      const stranger = payers.connect(name, { password: { reveal: () => 'x' } });
      expect(await codeOf(stranger.check())).toBe('WALLET_UNAUTHORIZED');
      expect(await codeOf(payers.connect(name, { url: 'http://127.0.0.1:1' }).check())).toBe(
        'WALLET_UNREACHABLE',
      );
    });

    it('tells chains apart that share their first block, by the addresses that they read', async () => {
      const { name } = await payers.funded([1]);
      const twin = {
        ...scriptCoin('bitcoin-cash', 'regtest'),
        genesisHash: scriptCoin('litecoin', 'regtest').genesisHash,
      };
      expect(await codeOf(payers.connect(name, { coin: twin }).check())).toBe('WALLET_WRONG_CHAIN');
    });

    it('wants keys, and the lock open', async () => {
      await wallets.create('looks', { isWatchOnly: true });
      expect(await codeOf(payers.connect('looks').check())).toBe('WALLET_WATCH_ONLY');
      const safe = await wallets.create('safe', { passphrase: 'word' });
      await wallets.fund(safe, [1]);
      const wallet = payers.connect('safe');
      expect(await codeOf(wallet.check())).toBe('WALLET_LOCKED');
      expect(await codeOf(wallet.sign([await payers.payee(COIN / 2n)], []))).toBe('WALLET_LOCKED');
      await safe.call('walletpassphrase', 'word', 60);
      await wallet.check();
      expect((await wallet.sign([await payers.payee(COIN / 2n)], [])).spends).toHaveLength(1);
    });
  });

  describe('sign', () => {
    it('pays everybody exactly, and the rest back to the wallet', async () => {
      const { rpc, wallet } = await payers.funded([1, 2, 3]);
      const payees = [
        await payers.payee(150_000_000n),
        await payers.payee(5_460n, 'legacy'),
        await payers.payee(200_000_001n, 'p2sh-segwit'),
      ];
      const signed = await wallet.sign(payees, []);
      const decoded = await decode(signed);
      expect(decoded.txid).toBe(signed.txid);
      expect(decoded.vin.map(({ txid, vout }) => `${txid}:${vout}`)).toEqual(signed.spends);
      expect(decoded.vout.slice(0, 3).map(({ value }) => value)).toEqual([1.5, 0.0000546, 2.00000001]);
      const addresses = decoded.vout.map(({ scriptPubKey }) => scriptPubKey.addresses?.[0]);
      expect(addresses.slice(0, 3)).toEqual(payees.map(({ address }) => address));
      expect(decoded.vout).toHaveLength(4);
      expect(await rpc.call('getaddressinfo', addresses[3])).toMatchObject({ ismine: true, ischange: true });
      expect(decoded.locktime).toBe((await wallets.node.rpc.call<number>('getblockcount')) - 100);
      // At the fallback of 10 for a byte, but for the length of the signatures.
      const perByte = Number(signed.feeAtomic) / decoded.vsize;
      expect(perByte).toBeGreaterThanOrEqual(10);
      expect(perByte).toBeLessThan(10.3);
      await wallet.broadcast(signed);
      await wallets.mine();
      const received = payees.map(({ address }) => wallets.miner.call('getreceivedbyaddress', address, 1));
      expect(await Promise.all(received)).toEqual([1.5, 0.0000546, 2.00000001]);
      const standing = await wallet.standing(signed);
      expect(standing).toMatchObject({ kind: 'confirmed', confirmations: 1, feeAtomic: signed.feeAtomic });
    });

    it.each(['bech32', 'p2sh-segwit', 'legacy'])('reckons the size of %s inputs', async (type) => {
      const { wallet } = await payers.funded([0.3, 0.3, 0.3, 0.3, 0.3], {}, type);
      const signed = await wallet.sign([await payers.payee(140_000_000n)], []);
      expect(signed.spends).toHaveLength(5);
      const { vsize } = await decode(signed);
      const perByte = Number(signed.feeAtomic) / vsize;
      expect(perByte).toBeGreaterThanOrEqual(10);
      expect(perByte).toBeLessThan(10.3);
      await wallet.broadcast(signed);
    });

    it('leaves alone what is in flight, also where the daemon knows nothing of it', async () => {
      const { wallet } = await payers.funded([1, 1]);
      const to = await payers.payee(50_000_000n);
      const first = await wallet.sign([to], []);
      expect((await wallet.sign([to], [])).spends).toEqual(first.spends);
      const second = await wallet.sign([to], [first]);
      expect(second.spends).not.toEqual(first.spends);
      expect(await codeOf(wallet.sign([to], [first, second]))).toBe('WALLET_INSUFFICIENT_FUNDS');
      await wallet.release(first);
      expect((await wallet.sign([to], [second])).spends).toEqual(first.spends);
    });

    it('spends neither unconfirmed coins nor rewards that are not mature', async () => {
      const { rpc, wallet } = await payers.funded([1]);
      const own = await rpc.call<string>('getnewaddress');
      await wallets.node.rpc.call('generatetoaddress', 1, own);
      await wallets.miner.call('sendtoaddress', own, 5);
      const { spendableAtomic, pendingAtomic } = await wallet.balance();
      expect(spendableAtomic).toBe(COIN);
      expect(pendingAtomic).toBeGreaterThan(5n * COIN);
      expect(await codeOf(wallet.sign([await payers.payee(2n * COIN)], []))).toBe(
        'WALLET_INSUFFICIENT_FUNDS',
      );
      // Its own change as well, until it is in the chain.
      await wallet.broadcast(await wallet.sign([await payers.payee(COIN / 2n)], []));
      const change = await wallet.balance();
      expect(change.spendableAtomic).toBe(0n);
      expect(change.pendingAtomic - pendingAtomic).toBeGreaterThan(49_900_000n);
      expect(change.pendingAtomic - pendingAtomic).toBeLessThan(COIN / 2n);
      await wallets.mine();
    });

    it('refuses dust, and takes what is just above, for each kind of address', async () => {
      const { wallet } = await payers.funded([1]);
      const { dustAtomic } = await wallet.costs();
      for (const [type, dust] of [
        ['legacy', 5_460n],
        ['p2sh-segwit', 5_400n],
        ['bech32', 2_940n],
      ] as const) {
        const { address } = await payers.payee(0n, type);
        expect(dustAtomic(address)).toBe(dust);
        expect(await codeOf(wallet.sign([{ address, amountAtomic: dust - 1n }], []))).toBe(
          'AMOUNT_BELOW_DUST',
        );
        const { raw } = await wallet.sign([{ address, amountAtomic: dust }], []);
        const [verdict] = await wallets.node.rpc.call<{ allowed: boolean }[]>('testmempoolaccept', [raw]);
        expect(verdict?.allowed).toBe(true);
      }
    });

    it('leaves change that nobody could spend to the fee', async () => {
      const { wallet } = await payers.funded([1]);
      const { baseFeeAtomic } = await wallet.costs();
      const amountAtomic = COIN - baseFeeAtomic - 2_000n;
      const signed = await wallet.sign([await payers.payee(amountAtomic)], []);
      expect((await decode(signed)).vout).toHaveLength(1);
      expect(signed.feeAtomic).toBe(COIN - amountAtomic);
    });

    it('waits when the network asks for more than is allowed', async () => {
      const { name } = await payers.funded([1]);
      const to = [await payers.payee(COIN / 2n)];
      const mean = payers.connect(name, {
        fees: { floorPerKvb: 100n, ceilingPerKvb: 999n, fallbackPerKvb: 500n },
      });
      expect(await codeOf(mean.sign(to, []))).toBe('WALLET_FEE_TOO_HIGH');
      expect(await codeOf(mean.costs())).toBe('WALLET_FEE_TOO_HIGH');
      const [lower, higher] = [200_000n, 400_000n].map((floorPerKvb) =>
        payers.connect(name, { fees: { ...FEES, floorPerKvb } }),
      );
      const signed = await lower?.sign(to, []);
      expect((await higher?.sign(to, []))?.feeAtomic).toBe(2n * (signed?.feeAtomic ?? 0n));
    });

    it('gathers small coins while fees are low, and pays from large ones while they are not', async () => {
      const { wallet, name } = await payers.funded([2, ...Array.from({ length: 29 }, () => 0.001)]);
      expect((await wallet.sign([await payers.payee(COIN)], [])).spends).toHaveLength(1);
      // No estimate is above this: as low as it gets. Twenty stay for the next.
      const cheap = payers.connect(name, { fees: { ...FEES, floorPerKvb: 400_000n } });
      expect((await cheap.sign([await payers.payee(COIN)], [])).spends).toHaveLength(11);
    });

    it('pays 500 at once, and no more than it was told to', async () => {
      const { wallet } = await payers.funded([3]);
      const { address } = await payers.payee(0n);
      const many = Array.from({ length: 500 }, (_, at) => ({ address, amountAtomic: 500_000n + BigInt(at) }));
      const signed = await wallet.sign(many, []);
      expect((await decode(signed)).vout).toHaveLength(501);
      await wallet.broadcast(signed);
      expect(await codeOf(wallet.sign([...many, await payers.payee(COIN)], []))).toBe(
        'WALLET_TRANSACTION_TOO_LARGE',
      );
    });
  });

  it('has one form for each payee, and says what is wrong with what is none', async () => {
    const wallet = payers.connect('miner');
    const canonical = async (text: string): Promise<string> => wallet.canonical(text);
    const { address } = await payers.payee(0n);
    expect(await canonical(address.toUpperCase())).toBe(address);
    const foreign = [
      'ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9',
      'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4',
    ];
    for (const one of foreign) expect(await codeOf(canonical(one))).toBe('ADDRESS_WRONG_NETWORK');
    for (const one of ['', `${address}x`, 'tmweb1qq'])
      expect(await codeOf(canonical(one))).toBe('ADDRESS_INVALID');
  });

  it('leaves the coins of the extension block alone, and pays from what comes out of it', async () => {
    const { rpc } = wallets.node;
    const miner = { rpc: wallets.miner, walletAddress: await wallets.miner.call<string>('getnewaddress') };
    await activateMweb({ ...miner, peer: rpc, stop: async () => undefined });
    const { rpc: own, wallet } = await payers.funded([1]);
    await wallets.miner.call('sendtoaddress', await own.call('getnewaddress', '', 'mweb'), 3);
    await wallets.mine();
    expect(await own.call('getbalance')).toBe(4);
    expect((await wallet.balance()).spendableAtomic).toBe(COIN);
    await own.call('sendtoaddress', await own.call('getnewaddress'), 2);
    await wallets.mine(7);
    const { spendableAtomic } = await wallet.balance();
    expect(spendableAtomic).toBeGreaterThan(2n * COIN);
    const signed = await wallet.sign([await payers.payee(spendableAtomic - 100_000n)], []);
    await wallet.broadcast(signed);
    await wallets.mine();
    expect(await wallet.standing(signed)).toMatchObject({ kind: 'confirmed' });
  });
});
