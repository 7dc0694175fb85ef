import type { Payee, PayoutWallet, SignedTransaction } from '@otedama/payouts';
import {
  describeWith,
  litecoind,
  type LitecoinWallets,
  type Rpc,
  type Scratch,
  scratchDirectory,
  startLitecoinWallets,
} from '@otedama/test-harness';
import { COIN, FEES, LitecoinPayers } from '../testing/litecoin-payers.ts';
import { codeOf } from '../testing/refusals.ts';

describeWith('litecoind', litecoind())('a replacement on a litecoind', () => {
  let scratch: Scratch;
  let wallets: LitecoinWallets;
  let payers: LitecoinPayers<Rpc>;

  const payees = async (...amounts: readonly bigint[]): Promise<Payee[]> => {
    const made: Payee[] = [];
    for (const amountAtomic of amounts) made.push(await payers.payee(amountAtomic));
    return made;
  };
  const bump = async (
    wallet: PayoutWallet,
    ...args: Parameters<NonNullable<PayoutWallet['bump']>>
  ): Promise<SignedTransaction> => {
    if (wallet.bump === undefined) throw new Error('this wallet replaces nothing');
    return wallet.bump(...args);
  };
  const receivedBy = async (to: readonly Payee[]): Promise<number[]> => {
    const amounts: number[] = [];
    for (const { address } of to) amounts.push(await wallets.miner.call('getreceivedbyaddress', address, 1));
    return amounts;
  };
  const outputsOf = async ({ raw }: SignedTransaction): Promise<{ value: number }[]> =>
    (await wallets.node.rpc.call<{ vout: { value: number }[] }>('decoderawtransaction', raw)).vout;

  beforeAll(async () => {
    scratch = scratchDirectory('replacement');
    wallets = await startLitecoinWallets(scratch.path, ['-mempoolreplacement=1']);
    payers = new LitecoinPayers(wallets, { replaces: true });
  });
  afterEach(() => payers.close());
  afterAll(async () => {
    await wallets[Symbol.asyncDispose]();
    scratch.remove();
  });

  it('takes its place, pays the same, and makes it a conflict', async () => {
    const { wallet } = await payers.funded([1, 1]);
    const to = await payees(30_000_000n, 20_000_000n);
    const first = await wallet.sign(to, []);
    await wallet.broadcast(first);
    const second = await bump(wallet, to, first, [first]);
    expect(second.spends).toEqual(first.spends);
    expect(second.feeAtomic).toBeGreaterThanOrEqual((first.feeAtomic * 5n) / 4n);
    const [before, after] = [await outputsOf(first), await outputsOf(second)];
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
    await wallet.broadcast(second);
    expect(await wallet.standing(second)).toEqual({ kind: 'pending' });
    expect(await wallet.standing(first)).toEqual({ kind: 'unknown' });
    const third = await bump(wallet, to, second, [first, second]);
    await wallet.broadcast(third);
    await wallets.mine();
    expect(await wallet.standing(third)).toMatchObject({ kind: 'confirmed', feeAtomic: third.feeAtomic });
    for (const one of [first, second]) {
      expect(await wallet.standing(one)).toEqual({ kind: 'conflicted', confirmations: 1, by: third.txid });
    }
    expect(await receivedBy(to)).toEqual([0.3, 0.2]);
    expect(await codeOf(wallet.broadcast(first))).toBe('BROADCAST_REFUSED');
  });

  it('is itself a conflict when what it replaces confirms instead', async () => {
    const { wallet } = await payers.funded([1]);
    const to = await payees(30_000_000n);
    const first = await wallet.sign(to, []);
    const second = await bump(wallet, to, first, [first]);
    await wallet.broadcast(second);
    const address = await wallets.miner.call<string>('getnewaddress');
    await wallets.node.rpc.call('generateblock', address, [first.raw]);
    expect(await wallet.standing(first)).toMatchObject({ kind: 'confirmed', feeAtomic: first.feeAtomic });
    expect(await wallet.standing(second)).toEqual({ kind: 'conflicted', confirmations: 1, by: first.txid });
    expect(await receivedBy(to)).toEqual([0.3]);
    expect(await codeOf(bump(wallet, to, second, [first, second]))).toBe('WALLET_RPC');
  });

  it('takes with it what spends its change, when a reorg lets its predecessor confirm', async () => {
    const { wallet } = await payers.funded([1]);
    const to = await payees(30_000_000n);
    const first = await wallet.sign(to, []);
    await wallet.broadcast(first);
    const second = await bump(wallet, to, first, [first]);
    await wallet.broadcast(second);
    await wallets.mine();
    const child = await wallet.sign(await payees(10_000_000n), [first, second]);
    expect(child.spends[0]).toMatch(second.txid);
    await wallet.broadcast(child);
    const { rpc } = wallets.node;
    await rpc.call('invalidateblock', await rpc.call('getbestblockhash'));
    await rpc.call('generateblock', await wallets.miner.call<string>('getnewaddress'), [first.raw]);
    await wallets.mine(2);
    expect(await wallet.standing(first)).toMatchObject({ kind: 'confirmed', confirmations: 3 });
    expect(await wallet.standing(second)).toEqual({ kind: 'conflicted', confirmations: 3, by: first.txid });
    expect(await wallet.standing(child)).toEqual({ kind: 'conflicted', confirmations: 3 });
    expect(await codeOf(wallet.broadcast(child))).toBe('BROADCAST_REFUSED');
    const anew = await wallet.sign(await payees(10_000_000n), [first, second, child]);
    await wallet.broadcast(anew);
    await wallets.mine();
    expect(await wallet.standing(anew)).toMatchObject({ kind: 'confirmed' });
  });

  it('adds a coin that nothing else in flight spends when there is no change to take from', async () => {
    const { wallet } = await payers.funded([1, 1, 1]);
    const { baseFeeAtomic } = await wallet.costs();
    const to = await payees(COIN - baseFeeAtomic - 2_000n);
    const first = await wallet.sign(to, []);
    expect(await outputsOf(first)).toHaveLength(1);
    const other = await wallet.sign(await payees(COIN / 2n), [first]);
    const second = await bump(wallet, to, first, [first, other]);
    expect(second.spends).toHaveLength(2);
    expect(second.spends).toEqual(expect.arrayContaining([...first.spends]));
    expect(second.spends).not.toEqual(expect.arrayContaining([...other.spends]));
    for (const one of [first, other, second]) await wallet.broadcast(one);
    await wallets.mine();
    expect(await wallet.standing(second)).toMatchObject({ kind: 'confirmed' });
    expect(await wallet.standing(other)).toMatchObject({ kind: 'confirmed' });
  });

  it('goes up to the configured limit, and says so when there is no higher fee to give', async () => {
    const { wallet, name } = await payers.funded([1]);
    const to = await payees(30_000_000n);
    const first = await wallet.sign(to, []);
    const { vsize } = await wallets.node.rpc.call<{ vsize: number }>('decoderawtransaction', first.raw);
    const limitedTo = (percent: bigint): PayoutWallet => {
      const ceilingPerKvb = (first.feeAtomic * 10n * percent) / BigInt(vsize);
      return payers.connect(name, { fees: { ...FEES, ceilingPerKvb } });
    };
    expect(await codeOf(bump(limitedTo(102n), to, first, [first]))).toBe('WALLET_CANNOT_BUMP');
    const second = await bump(limitedTo(112n), to, first, [first]);
    expect(second.feeAtomic).toBeGreaterThan((first.feeAtomic * 110n) / 100n);
    expect(second.feeAtomic).toBeLessThan((first.feeAtomic * 117n) / 100n);
    for (const one of [first, second]) await wallet.broadcast(one);
    expect(await wallet.standing(second)).toEqual({ kind: 'pending' });
    const [stranger] = await payees(30_000_000n);
    if (stranger === undefined) throw new Error('one was made');
    expect(await codeOf(bump(wallet, [stranger], first, [first]))).toBe('WALLET_CANNOT_BUMP');
  });

  it('is not offered where nodes do not replace', async () => {
    expect(payers.connect('miner', { replaces: undefined }).bump).toBeUndefined();
    const { wallet } = await payers.funded([1]);
    expect(wallet.bump).toBeDefined();
  });
});
