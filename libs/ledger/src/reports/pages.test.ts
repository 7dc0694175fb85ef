/** What pages of a pool and its miners show of longer ago, and of what was paid, in a real database. */
import { createLedger, type Ledger } from '../ledger.ts';
import { createPayoutOutbox } from '../payouts/outbox.ts';
import {
  blockEvent,
  createBatch,
  createTestLog,
  creditMatured,
  hashOf,
  sharesByName,
  startTestDatabase,
  type TestDatabase,
} from '../testing/index.ts';
import { MAIN_POOL } from '../testing/main-pool.ts';

// A real database on a machine that may be busy with other things.
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Midday. */
const NOW = 1_700_049_600_000;
const CHAIN = { pool: 'main', coin: 'bitcoin' };
const RETENTION = {
  shareLogMs: 7 * DAY_MS,
  workerMinutesMs: HOUR_MS,
  historyMs: 32 * DAY_MS,
  workMs: 90 * DAY_MS,
};
const page = { limit: 100, offset: 0 };
let database: TestDatabase;
let ledger: Ledger;
let sequence = 0n;
let nowMs = NOW;

/** A batch, closed and booked then, of a share for each worker: `address.worker`. */
const book = async (atMs: number, work: Readonly<Record<string, bigint>>): Promise<bigint> => {
  sequence += 1n;
  nowMs = atMs;
  const payload = createBatch({ poolId: 'main', closedAtMs: atMs, shares: sharesByName(work) });
  await ledger.bookShares(createTestLog([{ sequence, payload }]), new AbortController().signal);
  return sequence;
};

beforeAll(async () => {
  database = await startTestDatabase();
});
beforeEach(async () => {
  await database.reset();
  sequence = 0n;
  ledger = createLedger(database.db, { clock: () => nowMs });
  await ledger.registerPools([MAIN_POOL]);
});
afterAll(() => database.dispose());

describe('the hours of a worker', () => {
  const sums = async (table: string): Promise<unknown> => {
    const { rows } = await database.pool.query(
      `SELECT count(*)::integer AS rows, sum(accepted)::integer AS shares, sum(work)::integer AS work FROM ${table}`,
    );
    return rows[0];
  };

  it('have what its minutes had when those went, once, whatever comes later', async () => {
    await book(NOW - 5 * HOUR_MS, { 'alice.one': 100n, 'alice.two': 30n });
    await book(NOW - 5 * HOUR_MS + 2 * MINUTE_MS, { 'alice.one': 50n });
    await book(NOW, { 'alice.one': 7n });
    await ledger.prune(RETENTION, NOW);
    expect(await sums('worker_hour')).toEqual({ rows: 2, shares: 3, work: 180 });
    expect(await sums('worker_minute')).toEqual({ rows: 1, shares: 1, work: 7 });
    await ledger.prune(RETENTION, NOW);
    expect(await sums('worker_hour')).toEqual({ rows: 2, shares: 3, work: 180 });
    // What is booked late is added.
    await book(NOW - 5 * HOUR_MS + 3 * MINUTE_MS, { 'alice.one': 20n });
    await ledger.prune(RETENTION, NOW);
    expect(await sums('worker_hour')).toEqual({ rows: 2, shares: 4, work: 200 });
    expect(await sums('worker_minute')).toEqual({ rows: 1, shares: 1, work: 7 });
  });

  it('go after a month', async () => {
    await book(NOW - 3 * HOUR_MS, { alice: 100n });
    await ledger.prune(RETENTION, NOW);
    await ledger.prune(RETENTION, NOW + 32 * DAY_MS);
    expect(await sums('worker_hour')).toMatchObject({ rows: 1 });
    await ledger.prune(RETENTION, NOW + 34 * DAY_MS);
    expect(await sums('worker_hour')).toMatchObject({ rows: 0 });
  });

  it('and its minutes are one history, by step and worker', async () => {
    const range = { pool: 'main', address: 'alice', fromMs: NOW - DAY_MS, stepMs: HOUR_MS };
    await book(NOW - 5 * HOUR_MS, { 'alice.one': 3_600n, 'bob.rig': 1n });
    await book(NOW - 4 * HOUR_MS, { 'alice.one': 7_200n, 'alice.two': 3_600n });
    await book(NOW - 30 * MINUTE_MS, { 'alice.two': 1_800n });
    const before = await ledger.minerHistory(range, NOW);
    await ledger.prune(RETENTION, NOW);
    const after = await ledger.minerHistory(range, NOW);
    // Only the last hours are read by the minute.
    expect(before.map(({ worker }) => worker)).toEqual(['two']);
    expect(
      after.map(({ worker, atMs, sharesPerSecond }) => [
        worker,
        (NOW - atMs) / HOUR_MS,
        Math.round(sharesPerSecond * 7_200),
      ]),
    ).toEqual([
      ['one', 5, 2],
      ['one', 4, 2],
      ['two', 4, 2],
      ['two', 1, 2],
    ]);
    expect(after.map(({ hashrateHs }) => Math.round(hashrateHs * 10) / 10)).toEqual([1, 2, 1, 0.5]);
    const days = await ledger.minerHistory({ ...range, stepMs: DAY_MS }, NOW);
    expect(days.map(({ worker }) => worker)).toEqual(['one', 'two']);
    expect(await ledger.minerHistory({ ...range, address: 'nobody' }, NOW)).toEqual([]);
    const since = { pool: 'main', address: 'alice', sinceMs: NOW - 4 * HOUR_MS };
    expect(await ledger.minerWorkSince(since, NOW)).toBe(12_600n);
  });
});

describe('samples of a pool', () => {
  it('say who mines and what the network expects, step by step', async () => {
    await book(NOW - MINUTE_MS, { 'alice.one': 1n, 'alice.two': 1n, bob: 1n });
    await ledger.samplePools(new Map([['main', 2n ** 90n]]), NOW);
    await ledger.samplePools(new Map(), NOW + HOUR_MS);
    const samples = await ledger.samples({ pool: 'main', fromMs: NOW, stepMs: HOUR_MS });
    expect(samples).toEqual([
      { atMs: NOW, miners: 2, workers: 3, networkWork: 2n ** 90n },
      { atMs: NOW + HOUR_MS, miners: 0, workers: 0, networkWork: undefined },
    ]);
    await ledger.prune(RETENTION, NOW + 32 * DAY_MS + 1);
    expect(await ledger.samples({ pool: 'main', fromMs: 0, stepMs: HOUR_MS })).toHaveLength(1);
  });
});

const recordBlock = (number: number, windowTo: bigint, over: object = {}): Promise<boolean> =>
  ledger.recordBlock({
    sequence: BigInt(number),
    event: blockEvent(number, { rewardAtomic: '1000', foundAtMs: NOW + number, ...over }),
    windowTo,
    atMs: NOW,
  });

/** A payout that was handed over at a time; `isKept`: it never leaves. */
const pay = async (
  txid: string,
  owed: Record<string, bigint>,
  atMs: number,
  isKept = false,
): Promise<void> => {
  await creditMatured(database, { ...CHAIN, owed, atMs: atMs - 1 });
  const outbox = createPayoutOutbox(database.db);
  const payees = Object.entries(owed).map(([address, amountAtomic]) => ({
    address,
    amountAtomic,
    debits: [{ account: address, grossAtomic: amountAtomic }],
  }));
  const batch = await outbox.plan(CHAIN, { feeRule: 'pool', payees }, atMs);
  await outbox.approve(batch, { atMs });
  if (isKept) return;
  await outbox.storeSigned(batch, { txid, raw: txid, feeAtomic: 1n, spends: [`${txid}:0`] }, atMs);
  await outbox.handOver(batch, txid, atMs);
};

describe('what was paid', () => {
  beforeEach(async () => {
    await pay('one', { alice: 100n, bob: 50n }, NOW - DAY_MS);
    await pay('two', { alice: 30n }, NOW);
    await pay('three', { alice: 7n }, NOW + 1, true);
    await recordBlock(1, await book(NOW, { carol: 90n, alice: 10n }), {
      coinbasePayout: {
        windowTo: '1',
        windowCapacity: '200',
        feeBasisPoints: 100,
        payments: [
          { address: 'carol', amountAtomic: '891', carriedAtomic: '0' },
          { address: 'alice', amountAtomic: '99', carriedAtomic: '0' },
        ],
      },
    });
  });

  it('is what has left, newest first, by pages with their total', async () => {
    const { total, items } = await ledger.paid(CHAIN, page);
    expect(items.map(({ address, amountAtomic, txid }) => [address, amountAtomic, txid])).toEqual([
      ['carol', 891n, hashOf(1_001)],
      ['alice', 99n, hashOf(1_001)],
      ['alice', 30n, 'two'],
      ['alice', 100n, 'one'],
      ['bob', 50n, 'one'],
    ]);
    expect(total).toBe(5);
    expect(await ledger.paid(CHAIN, { limit: 2, offset: 2 })).toEqual({ total: 5, items: items.slice(2, 4) });
    const own = await ledger.paid({ ...CHAIN, address: 'alice' }, page);
    expect([own.total, own.items.map(({ amountAtomic }) => amountAtomic)]).toEqual([3, [99n, 30n, 100n]]);
    expect(await ledger.paid({ ...CHAIN, coin: 'litecoin' }, page)).toEqual({ total: 0, items: [] });
  });

  it('comes by day, and since midnight with the last one', async () => {
    const midnightMs = Math.floor(NOW / DAY_MS) * DAY_MS;
    expect(await ledger.paidDays({ ...CHAIN, address: 'alice' }, page)).toEqual({
      total: 2,
      items: [
        { dayMs: midnightMs, amountAtomic: 129n },
        { dayMs: midnightMs - DAY_MS, amountAtomic: 100n },
      ],
    });
    expect(await ledger.lastPaid({ ...CHAIN, address: 'alice' }, midnightMs)).toMatchObject({
      last: { amountAtomic: 99n, atMs: NOW + 1 },
      sinceAtomic: 129n,
    });
    // One batch of two has left, the third has not.
    expect(await ledger.inTransit({ ...CHAIN, address: 'alice' })).toBe(130n);
    expect(await ledger.lastPaid({ ...CHAIN, address: 'nobody' }, midnightMs)).toEqual({
      last: undefined,
      sinceAtomic: 0n,
    });
  });

  it('and what was earned explain a balance', async () => {
    const { total, items } = await ledger.balanceChanges({ ...CHAIN, address: 'alice' }, page);
    expect(items.map(({ kind, amountAtomic }) => [kind, amountAtomic])).toEqual([
      ['payout_planned', -7n],
      ['block_matured', 7n],
      ['payout_planned', -30n],
      ['block_matured', 30n],
      ['payout_planned', -100n],
      ['block_matured', 100n],
    ]);
    expect(total).toBe(6);
  });

  it('is a fact of the pool, as its last blocks are', async () => {
    await recordBlock(2, await book(NOW, { alice: 1n }));
    await ledger.moveBlock({ blockId: 1n, to: 'matured', confirmations: 100, atMs: NOW });
    expect(await ledger.poolFacts('main', 'bitcoin')).toEqual({
      paidAtomic: 1_170n,
      lastBlockAtMs: NOW + 2,
      lastRewardAtomic: 1_000n,
    });
    expect(await ledger.poolFacts('other', 'bitcoin')).toBeUndefined();
  });
});

describe('blocks that the network took', () => {
  it('come by state and finder, with their total', async () => {
    await recordBlock(1, await book(NOW, { alice: 150n }));
    await recordBlock(2, await book(NOW, { bob: 5n }), { address: 'bob' });
    await recordBlock(3, await book(NOW, { bob: 5n }), { outcome: 'rejected', reason: 'high-hash' });
    await ledger.moveBlock({ blockId: 1n, to: 'matured', confirmations: 100, atMs: NOW });
    const heights = async (over: object, at = page) => {
      const filter = { pools: [CHAIN], states: ['immature', 'matured', 'orphaned'] as const, ...over };
      const { total, items } = await ledger.found(filter, at);
      return [total, ...items.map(({ height }) => height)];
    };
    expect(await heights({})).toEqual([2, 102, 101]);
    expect(await heights({}, { limit: 1, offset: 1 })).toEqual([2, 101]);
    expect(await heights({ states: ['matured'] })).toEqual([1, 101]);
    expect(await heights({ finder: 'bob' })).toEqual([1, 102]);
    expect(await heights({ pools: [{ pool: 'main', coin: 'dogecoin' }] })).toEqual([0]);
    expect(await ledger.countFound({ ...CHAIN, finder: 'alice' })).toEqual({ immature: 0, matured: 1 });
    expect(await ledger.countFound({ ...CHAIN, finder: 'bob' })).toEqual({ immature: 1, matured: 0 });
  });
});
