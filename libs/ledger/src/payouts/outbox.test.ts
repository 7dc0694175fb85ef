import type { SignedTransaction, TransactionStanding } from '@otedama/payouts';
import { listAudit } from '../audit/list.ts';
import { operator } from '../testing/operator.ts';
import { createLedger, type Ledger } from '../ledger.ts';
import { creditMatured, readBalances, startTestDatabase, type TestDatabase } from '../testing/index.ts';
import { createPayoutOutbox, type PayoutOutbox } from './outbox.ts';
import type { PlannedBatch } from './plan-batch.ts';

// A real database on a machine that may be busy with other things.
const NOW = 1_700_000_000_000;
const CHAIN = { pool: 'main', coin: 'litecoin' };
const DEPTHS = { confirmations: 6, finalConfirmations: 100 };
let database: TestDatabase;
let ledger: Ledger;
let outbox: PayoutOutbox;

/** Fees of the miners' own: alice and bob get 990 and 490 of 1,000 and 500. */
const PLAN: PlannedBatch = {
  feeRule: 'miners',
  payees: [
    { address: 'alice', amountAtomic: 990n, debits: [{ account: 'alice', grossAtomic: 1_000n }] },
    {
      address: 'bob',
      amountAtomic: 490n,
      debits: [
        { account: 'bob', grossAtomic: 300n },
        { account: 'BOB', grossAtomic: 200n },
      ],
    },
  ],
};

const signed = (txid: string, ...spends: string[]): SignedTransaction => ({
  txid,
  raw: `raw of ${txid}`,
  feeAtomic: 12n,
  spends,
});

const confirmed = (confirmations: number): TransactionStanding => ({
  kind: 'confirmed',
  confirmations,
  blockHash: 'b',
  feeAtomic: 12n,
});

const balances = (): Promise<Record<string, bigint>> => readBalances(database);

const provesTrue = async (): Promise<void> =>
  expect(await ledger.prove()).toMatchObject({ ok: true, problems: [] });

const look = (batchId: bigint, ...looks: (readonly [string, TransactionStanding])[]) =>
  outbox.observe({
    batchId,
    looks: looks.map(([txid, standing]) => ({ txid, standing })),
    depths: DEPTHS,
    atMs: NOW,
  });

const plan = (): Promise<bigint> => outbox.plan(CHAIN, PLAN, NOW);

const planned = async (...ids: string[]): Promise<bigint> => {
  const batch = await plan();
  await outbox.approve(batch, { atMs: NOW });
  const [first = 'one'] = ids;
  await outbox.storeSigned(batch, signed(first, 'coin:0', 'coin:1'), NOW);
  await outbox.handOver(batch, first, NOW);
  return batch;
};

const OWED = { 'wallet:': 3_000n, 'miner_matured:carol': -1_500n };
const DEBTS = { alice: 1_000n, bob: 300n, BOB: 200n, carol: 1_500n };
const BEFORE = {
  ...OWED,
  'miner_matured:alice': -1_000n,
  'miner_matured:bob': -300n,
  'miner_matured:BOB': -200n,
};
const PAYING = {
  ...OWED,
  'miner_paying:alice': -1_000n,
  'miner_paying:bob': -300n,
  'miner_paying:BOB': -200n,
};
/** 1,480 to miners and 12 to the network; 8 of the 20 that miners bore were not needed. */
const PAID = { 'wallet:': 1_508n, 'miner_matured:carol': -1_500n, 'operator_network_fee:': -8n };

beforeAll(async () => {
  database = await startTestDatabase();
});
beforeEach(async () => {
  await database.reset();
  ledger = createLedger(database.db);
  outbox = createPayoutOutbox(database.db);
  const terms = { scheme: 'solo', window: { kind: 'work', networkBlocks: 2 }, feeBasisPoints: 0 } as const;
  await ledger.registerPools([{ id: 'main', coin: 'litecoin', terms }]);
  await creditMatured(database, { ...CHAIN, owed: DEBTS, atMs: NOW - 1_000 });
});
afterEach(provesTrue);
afterAll(() => database.dispose());

describe('the outbox of payouts', () => {
  it('moves what is planned out of what is owed, and what left the wallet out of what is being paid', async () => {
    const batch = await planned();
    expect(await balances()).toEqual(PAYING);
    await provesTrue();
    expect(await look(batch, ['one', confirmed(5)])).toBe('broadcast');
    expect(await look(batch, ['one', confirmed(6)])).toBe('confirmed');
    expect(await balances()).toEqual(PAID);
    expect(await outbox.open(CHAIN)).toHaveLength(1);
    expect(await look(batch, ['one', confirmed(100)])).toBe('confirmed');
    expect(await outbox.open(CHAIN)).toEqual([]);
    expect(await balances()).toEqual(PAID);
  });

  it('plans nothing that is not owed, and nothing twice', async () => {
    const more = (grossAtomic: bigint, account = 'alice'): PlannedBatch => ({
      feeRule: 'pool',
      payees: [{ address: account, amountAtomic: grossAtomic, debits: [{ account, grossAtomic }] }],
    });
    await expect(outbox.plan(CHAIN, more(1_001n), NOW)).rejects.toMatchObject({
      code: 'PAYOUT_EXCEEDS_DEBT',
    });
    await expect(outbox.plan(CHAIN, more(1n, 'nobody'), NOW)).rejects.toMatchObject({
      code: 'PAYOUT_EXCEEDS_DEBT',
    });
    const batch = await plan();
    await expect(plan()).rejects.toMatchObject({ code: 'PAYOUT_STATE' });
    await outbox.awaitApproval(batch, { atMs: NOW });
    await expect(plan()).rejects.toMatchObject({ code: 'PAYOUT_EXCEEDS_DEBT' });
    expect(await balances()).toEqual(PAYING);
  });

  it('of two that plan at once lets one', async () => {
    const results = await Promise.allSettled([plan(), plan(), plan()]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await balances()).toEqual(PAYING);
  });

  it('takes one of two signatures, and no second one later', async () => {
    const batch = await plan();
    await outbox.approve(batch, { atMs: NOW });
    const results = await Promise.allSettled([
      outbox.storeSigned(batch, signed('one', 'coin:0'), NOW),
      outbox.storeSigned(batch, signed('two', 'coin:1'), NOW),
    ]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(outbox.storeSigned(batch, signed('three', 'coin:2'), NOW)).rejects.toMatchObject({
      code: 'PAYOUT_STATE',
    });
  });

  it('refuses a replacement that could confirm beside any other transaction of its batch', async () => {
    const batch = await planned();
    await expect(
      outbox.storeReplacement(batch, { txid: 'one' }, signed('two', 'coin:2'), NOW),
    ).rejects.toMatchObject({ code: 'PAYOUT_SPENDS' });
    await outbox.storeReplacement(batch, { txid: 'one' }, signed('two', 'coin:1', 'coin:2'), NOW);
    await expect(
      outbox.storeReplacement(batch, { txid: 'two' }, signed('three', 'coin:2'), NOW),
    ).rejects.toMatchObject({ code: 'PAYOUT_SPENDS' });
    await expect(
      outbox.storeReplacement(batch, { txid: 'one' }, signed('three', 'coin:1'), NOW),
    ).rejects.toMatchObject({ code: 'PAYOUT_STATE' });
  });

  it('refuses to spend what another batch spends, until that is cancelled', async () => {
    await planned();
    const owed = {
      debits: [{ account: 'carol', grossAtomic: 1_500n }],
      address: 'carol',
      amountAtomic: 1_500n,
    };
    const other = await outbox.plan(CHAIN, { feeRule: 'pool', payees: [owed] }, NOW);
    await outbox.approve(other, { atMs: NOW });
    await expect(outbox.storeSigned(other, signed('two', 'coin:1'), NOW)).rejects.toMatchObject({
      code: 'PAYOUT_SPENDS',
    });
    await outbox.storeSigned(other, signed('two', 'coin:7'), NOW);
    await outbox.cancel(other, 100, { atMs: NOW });
    expect(await outbox.unreleased(CHAIN)).toMatchObject([{ txid: 'two', batchId: other }]);
    await outbox.markReleased(other, 'two', NOW);
    expect(await outbox.unreleased(CHAIN)).toEqual([]);
  });

  it('books the one of several transactions that confirms', async () => {
    const batch = await planned();
    await outbox.storeReplacement(batch, { txid: 'one' }, signed('two', 'coin:1'), NOW);
    await outbox.handOver(batch, 'two', NOW);
    const replaced = { kind: 'conflicted', confirmations: 6, by: 'two' } as const;
    expect(await look(batch, ['one', replaced], ['two', confirmed(6)])).toBe('confirmed');
    expect(await balances()).toEqual(PAID);
  });

  it('takes a confirmation back when a reorg does, also when the other transaction then confirms', async () => {
    const batch = await planned();
    await outbox.storeReplacement(batch, { txid: 'one' }, signed('two', 'coin:1'), NOW);
    await outbox.handOver(batch, 'two', NOW);
    const gone = { kind: 'conflicted', confirmations: 6 } as const;
    await look(batch, ['one', confirmed(6)], ['two', gone]);
    expect(await balances()).toEqual(PAID);
    expect(await look(batch, ['one', { kind: 'pending' }], ['two', { kind: 'unknown' }])).toBe('broadcast');
    expect(await balances()).toEqual(PAYING);
    const dearer = { ...confirmed(6), feeAtomic: 30n } as TransactionStanding;
    expect(await look(batch, ['one', gone], ['two', dearer])).toBe('confirmed');
    expect(await balances()).toEqual({
      'wallet:': 1_490n,
      'miner_matured:carol': -1_500n,
      'operator_network_fee:': 10n,
    });
  });

  it('gives a conflicted batch back only when nothing of it can confirm any more', async () => {
    const batch = await planned();
    expect(await look(batch, ['one', { kind: 'conflicted', confirmations: 99 }])).toBe('conflicted');
    const by = operator('spent by hand');
    await expect(outbox.cancel(batch, 100, { by, atMs: NOW })).rejects.toMatchObject({
      code: 'PAYOUT_STATE',
    });
    expect(await balances()).toEqual(PAYING);
    expect(await look(batch, ['one', { kind: 'unknown' }])).toBe('broadcast');
    await expect(outbox.cancel(batch, 100, { by, atMs: NOW })).rejects.toMatchObject({
      code: 'PAYOUT_STATE',
    });
    await look(batch, ['one', { kind: 'conflicted', confirmations: 100 }]);
    await outbox.cancel(batch, 100, { by, atMs: NOW });
    expect(await balances()).toEqual(BEFORE);
    const [entry] = await listAudit(database.db, {}, { limit: 9, offset: 0 });
    expect(entry?.event).toMatchObject({
      actor: by.actor,
      action: 'payout.cancel',
      target: `payout batch ${batch}`,
      details: { reason: 'spent by hand' },
    });
  });

  it('books the fee of a transaction that paid nobody', async () => {
    const batch = await planned();
    const failed = { kind: 'failed', confirmations: 100, blockHash: 'b', feeAtomic: 7n } as const;
    expect(await look(batch, ['one', failed])).toBe('conflicted');
    await outbox.cancel(batch, 100, { atMs: NOW });
    expect(await balances()).toEqual({ ...BEFORE, 'wallet:': 2_993n, 'operator_network_fee:': 7n });
  });

  it('lets the engine approve what is planned, and only a person what waits for one', async () => {
    const batch = await plan();
    await outbox.awaitApproval(batch, { atMs: NOW, note: 'above 1,000' });
    await expect(outbox.approve(batch, { atMs: NOW })).rejects.toMatchObject({ code: 'PAYOUT_STATE' });
    await outbox.approve(batch, { by: operator('known'), atMs: NOW });
    expect(await outbox.list({ pools: ['main'] }, { limit: 10, offset: 0 })).toMatchObject([
      { id: batch, state: 'approved', payees: 2, grossAtomic: 1_500n, netAtomic: 1_480n },
    ]);
  });

  it('keeps what was signed as it was', async () => {
    await planned();
    await expect(database.pool.query("UPDATE payout_transaction SET raw = 'other'")).rejects.toMatchObject({
      code: '23000',
    });
    await expect(database.pool.query('DELETE FROM payout_transaction')).rejects.toMatchObject({
      code: '23000',
    });
  });

  it('says since when a miner is owed: since the first credit after the last payout', async () => {
    const batch = await planned();
    await look(batch, ['one', confirmed(6)]);
    await creditMatured(database, { ...CHAIN, owed: { alice: 5n, carol: 1n }, atMs: NOW + 500 });
    expect(await outbox.debts(CHAIN)).toEqual([
      { account: 'alice', owedAtomic: 5n, owedSinceMs: NOW + 500, minimumAtomic: undefined },
      { account: 'carol', owedAtomic: 1_501n, owedSinceMs: NOW - 1_000, minimumAtomic: undefined },
    ]);
  });

  it('takes the newest signed wish, which neither a login nor an older message undoes', async () => {
    const wish = (minimumAtomic: bigint, signedAtMs?: number): Promise<boolean> =>
      outbox.storeWish(
        CHAIN,
        { address: 'alice', minimumAtomic, ...(signedAtMs === undefined ? {} : { signedAtMs }) },
        NOW,
      );
    expect(await wish(5n)).toBe(true);
    expect(await wish(6n)).toBe(true);
    expect(await wish(7n, NOW)).toBe(true);
    expect(await wish(8n, NOW)).toBe(false);
    expect(await wish(8n, NOW - 1)).toBe(false);
    expect(await wish(9n)).toBe(false);
    expect(await wish(10n, NOW + 1)).toBe(true);
    const debts = await outbox.debts(CHAIN);
    expect(debts).toMatchObject([{ minimumAtomic: 10n }, {}, {}, {}]);
    const owedAtomic = debts.reduce((sum, debt) => sum + debt.owedAtomic, 0n);
    expect(await outbox.owed(CHAIN)).toEqual({ owedAtomic, miners: 4 });
    // What was taken of those that were signed, and nothing else, is in the audit log.
    const entries = await listAudit(database.db, { action: 'miner' }, { limit: 9, offset: 0 });
    expect(entries.map(({ event }) => event)).toMatchObject([
      {
        actor: { kind: 'miner', id: 'alice' },
        action: 'miner.payout-settings',
        target: 'main/litecoin',
        details: { minimum: '10', signedAtMs: NOW + 1 },
      },
      { details: { minimum: '7', signedAtMs: NOW } },
    ]);
  });
});
