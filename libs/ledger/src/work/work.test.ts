import { type LogEntry, Verdict } from '@otedama/contracts';
import { type Weight, windowWeights } from '@otedama/rewards';
import fc from 'fast-check';
import { createLedger, type Ledger } from '../ledger.ts';
import {
  blockEvent,
  createBatch,
  createTestLog,
  startTestDatabase,
  type TestBatch,
  type TestDatabase,
} from '../testing/index.ts';
import { OTHER_WORKERS } from './accounts.ts';
import { locate } from './locate.ts';
import { readWindow } from './window.ts';

// A real database on a machine that may be busy with other things.
const NOW = 1_700_000_000_000;
const page = { limit: 100, offset: 0 };
let database: TestDatabase;
let ledger: Ledger;

/** A log of batches with gaps in its sequences, as failed transactions leave them. */
const logOf = (batches: readonly Partial<TestBatch>[], first = 1n): LogEntry[] =>
  batches.map((batch, i) => ({
    sequence: first + BigInt(i) * 3n,
    payload: createBatch({ poolId: 'main', closedAtMs: NOW, shares: [], ...batch }),
  }));

const never = new AbortController().signal;
const book = (log: readonly LogEntry[], by: Ledger = ledger): Promise<void> =>
  by.bookShares(createTestLog(log), never);

/** Everything that accounting derives from shares, as plain values. */
const bookedState = async (): Promise<unknown> => {
  const tables = [
    'pool',
    'miner',
    'worker',
    'booked_batch',
    'work_entry',
    'work_slice',
    'pool_minute',
    'worker_minute',
    'consumer',
  ];
  const contents = tables.map(
    async (table) => (await database.pool.query(`SELECT * FROM ${table} t ORDER BY t`)).rows,
  );
  return Promise.all(contents);
};

beforeAll(async () => {
  database = await startTestDatabase();
});
beforeEach(async () => {
  await database.reset();
  ledger = createLedger(database.db, { clock: () => NOW });
});
afterAll(() => database.dispose());

describe('booking shares', () => {
  it('counts shares, rejects and work of pools and workers', async () => {
    await book(
      logOf([
        {
          shares: [
            { address: 'alice', worker: 'a', work: 100n },
            { address: 'alice', worker: 'b', work: 50n },
            { address: 'alice', worker: 'a', work: 100n },
          ],
          rejects: [{ address: 'alice', worker: 'a', shares: 4 }],
        },
        { shares: [{ address: 'bob', work: 1n, verdict: Verdict.candidate }] },
      ]),
    );
    expect((await ledger.pools(NOW))[0]).toMatchObject({ accepted: 4, rejected: 4, workers: 3, miners: 2 });
    const workers = await ledger.workers({ pools: ['main'], address: 'alice' }, page, NOW);
    expect(
      workers.map(({ worker, accepted, rejected, online }) => ({ worker, accepted, rejected, online })),
    ).toEqual([
      { worker: 'a', accepted: 2, rejected: 4, online: true },
      { worker: 'b', accepted: 1, rejected: 0, online: true },
    ]);
  });

  it('counts a block that missed its share target as a share without work', async () => {
    await book(logOf([{ shares: [{ address: 'alice', work: 7n, verdict: Verdict.candidateOnly }] }]));
    expect((await ledger.pools(NOW))[0]).toMatchObject({ accepted: 1, hashrateHs: 0 });
  });

  it('books nothing twice, whatever position it is given to read from', async () => {
    const log = logOf(
      Array.from({ length: 40 }, (_, i) => ({
        closedAtMs: NOW + i * 7_000,
        shares: [{ address: `miner${i % 5}`, worker: `w${i % 3}`, work: BigInt(i + 1) }],
        rejects: [{ address: `miner${i % 5}`, shares: i % 2 }],
      })),
    );
    await book(log);
    const once = await bookedState();
    await book(log);
    expect(await ledger.position('SHARES')).toBe(log.at(-1)?.sequence);
    await book(log.slice(25));
    expect(await bookedState()).toEqual(once);
  });

  it('passes over a batch that comes again at another place of the log', async () => {
    const [first, second] = logOf([
      { shares: [{ address: 'alice', work: 5n }] },
      { shares: [{ address: 'bob', work: 7n }] },
    ]);
    if (first === undefined || second === undefined) throw new Error('no batches');
    await book([first, { ...first, sequence: 2n }]);
    await book([second, { ...first, sequence: 9n }]);
    expect((await ledger.pools(NOW))[0]?.accepted).toBe(2);
    expect(await ledger.position('SHARES')).toBe(9n);
    const idOf = ({ payload }: LogEntry): Buffer => payload.subarray(16, 32);
    expect(await ledger.bookedBatch(idOf(first))).toBe(first.sequence);
    expect(await ledger.bookedBatch(idOf(second))).toBe(second.sequence);
    expect(await ledger.bookedBatch(Buffer.alloc(16))).toBeUndefined();
  });

  it('comes to the same totals however the log is cut into transactions', async () => {
    const log = logOf(
      Array.from({ length: 30 }, (_, i) => ({
        poolId: i % 4 === 0 ? 'side' : 'main',
        closedAtMs: NOW + i * 7_000,
        shares: [{ address: `miner${i % 5}`, worker: `w${i % 3}`, work: BigInt(i + 1) }],
      })),
    );
    const summary = async () => [
      await ledger.pools(NOW + 300_000),
      (await ledger.workers({ pools: ['main', 'side'] }, page, NOW + 300_000)).toSorted((a, b) =>
        `${a.poolId}${a.address}${a.worker}` < `${b.poolId}${b.address}${b.worker}` ? -1 : 1,
      ),
      (
        await database.pool.query(
          'SELECT sequence, shares, work, total_work FROM work_entry ORDER BY sequence',
        )
      ).rows,
    ];
    await book(log);
    const whole = await summary();
    await database.reset();
    ledger = createLedger(database.db, { clock: () => NOW });
    let start = 0;
    for (const size of [1, 2, 3, 5, 8, 11]) {
      // Overlaps with what was booked before.
      await book(log.slice(Math.max(0, start - 2), start + size));
      start += size;
    }
    expect(await summary()).toEqual(whole);
  });

  it('lets two consumers at once count everything once', async () => {
    const log = logOf(Array.from({ length: 50 }, () => ({ shares: [{ address: 'alice', work: 2n }] })));
    await book(log.slice(0, 20));
    const others = [1, 2].map(() => createLedger(database.db, { clock: () => NOW }));
    await Promise.all([ledger, ...others].map((by) => book(log, by)));
    expect((await ledger.pools(NOW))[0]?.accepted).toBe(50);
  });

  it('makes a miner of nobody who was only ever rejected', async () => {
    await book(logOf([{ rejects: [{ address: 'stranger', shares: 9 }] }]));
    expect(await ledger.workers({ pools: ['main', 'side'] }, page, NOW)).toEqual([]);
    expect((await ledger.pools(NOW))[0]?.rejected).toBe(9);
  });

  it('lets the names of a miner past the cap share one row, and loses no work', async () => {
    ledger = createLedger(database.db, { clock: () => NOW, maxWorkersPerMiner: 2 });
    const shares = Array.from({ length: 6 }, (_, i) => ({ address: 'alice', worker: `w${i}`, work: 10n }));
    await book(logOf([{ shares }, { shares }]));
    const workers = await ledger.workers({ pools: ['main', 'side'] }, page, NOW);
    expect(workers.map(({ worker, accepted }) => [worker, accepted]).toSorted()).toEqual([
      [OTHER_WORKERS, 8],
      ['w0', 2],
      ['w1', 2],
    ]);
    const { rows } = await database.pool.query<{ total_work: string }>(
      'SELECT max(total_work) AS total_work FROM work_entry',
    );
    expect(rows[0]?.total_work).toBe('120');
  });

  it('stops at a batch that it cannot read rather than passing over it', async () => {
    const log = [
      ...logOf([{ shares: [{ address: 'alice', work: 1n }] }]),
      { sequence: 9n, payload: Buffer.from('?') },
    ];
    await expect(book(log)).rejects.toMatchObject({ code: 'BATCH_FORMAT' });
    expect(await ledger.position('SHARES')).toBe(0n);
  });
});

describe('hash rates', () => {
  it('divide by the window for old series and by their age for young ones', async () => {
    const minutes = Array.from({ length: 60 }, (_, i) => ({
      closedAtMs: NOW - i * 60_000,
      shares: [{ address: 'old', work: 600_000n }],
    }));
    const young = { closedAtMs: NOW - 60_000, shares: [{ address: 'young', work: 600_000n }] };
    const fresh = { closedAtMs: NOW, shares: [{ address: 'fresh', work: 300_000n }] };
    await book(logOf([...minutes.toReversed(), young, fresh]));
    const rates = new Map(
      (await ledger.workers({ pools: ['main', 'side'] }, page, NOW)).map((worker) => [
        worker.address,
        worker.hashrateHs,
      ]),
    );
    // 10 whole minutes are within the window, which began 9 to 10 minutes ago.
    expect(rates.get('old')).toBeGreaterThan(9_900);
    expect(rates.get('old')).toBeLessThan(11_200);
    expect(rates.get('young')).toBe(10_000);
    expect(rates.get('fresh')).toBe(10_000);
  });

  it('make a history without gaps', async () => {
    const start = NOW - (NOW % 60_000);
    await book(
      logOf([
        { closedAtMs: start - 180_000, shares: [{ address: 'alice', work: 60_000n }] },
        { closedAtMs: start - 60_000, shares: [{ address: 'alice', work: 60_000n }] },
      ]),
    );
    const { bucketMs, pools } = await ledger.history(3_600_000, start);
    expect(bucketMs).toBe(60_000);
    expect(pools[0]?.points).toEqual([
      { atMs: start - 180_000, hashrateHs: 1_000, shares: 1 },
      { atMs: start - 120_000, hashrateHs: 0, shares: 0 },
      { atMs: start - 60_000, hashrateHs: 1_000, shares: 1 },
      { atMs: start, hashrateHs: 0, shares: 0 },
    ]);
  });
});

describe('reward windows', () => {
  interface Booked {
    readonly sequence: bigint;
    readonly weights: readonly Weight[];
  }
  const workOf = (weights: readonly Weight[]): bigint => weights.reduce((sum, { work }) => sum + work, 0n);

  /** The definition, entry by entry. */
  const naive = (history: readonly Booked[], to: bigint, reach: bigint): Weight[] => {
    const inside: Weight[] = [];
    let left = reach;
    for (const { weights } of history.filter(({ sequence }) => sequence <= to).toReversed()) {
      if (workOf(weights) > left) return windowWeights({ inside, edge: { weights, workInside: left } });
      inside.push(...weights);
      left -= workOf(weights);
    }
    return windowWeights({ inside });
  };

  const historyArb = fc.array(
    fc.array(
      fc.record({
        address: fc.constantFrom('a', 'b', 'c'),
        worker: fc.constantFrom('x', 'y'),
        work: fc.bigInt(0n, 50n),
      }),
      {
        maxLength: 4,
      },
    ),
    { minLength: 1, maxLength: 12 },
  );

  it.each([
    ['entry by entry', Number.MAX_SAFE_INTEGER],
    ['by chunks as far as there are any', 4],
  ])('read %s are exactly those of a naive walk through random histories', async (_, chunkShares) => {
    const summing = createLedger(database.db, { clock: () => NOW, chunkShares });
    let run = 0n;
    await fc.assert(
      fc.asyncProperty(historyArb, fc.bigInt(1n, 300n), fc.bigInt(0n, 40n), async (batches, reach, end) => {
        run += 1n;
        const poolId = `pool${run}`;
        const log = logOf(
          batches.map((shares) => ({ poolId, shares })),
          run * 1_000n,
        );
        await book(log, summing);
        const history = log.map(({ sequence }, i) => ({
          sequence,
          weights: (batches[i] ?? []).map(({ address, work }) => ({ account: address, work })),
        }));
        const row = await database.db
          .selectFrom('pool')
          .select('id')
          .where('name', '=', poolId)
          .executeTakeFirst();
        const to = run * 1_000n + end;
        const located = await database.db.transaction().execute(async (trx) => {
          const poolRow = row?.id ?? 0;
          return readWindow(trx, poolRow, await locate(trx, poolRow, to, { kind: 'work', work: reach }));
        });
        expect(windowWeights(located)).toEqual(naive(history, to, reach));
      }),
      { numRuns: 150, seed: 5 },
    );
    const { rows } = await database.pool.query<{ chunks: number }>(
      'SELECT count(*)::integer AS chunks FROM work_chunk',
    );
    const isSumming = chunkShares < Number.MAX_SAFE_INTEGER;
    expect(rows[0]?.chunks).toBeGreaterThanOrEqual(isSumming ? 100 : 0);
    expect(rows[0]?.chunks).toBeLessThan(isSumming ? Number.POSITIVE_INFINITY : 1);
  });

  it('by time hold the entries closed since', async () => {
    const log = logOf([
      { closedAtMs: NOW - 5_000, shares: [{ address: 'old', work: 1n }] },
      { closedAtMs: NOW - 4_000, shares: [{ address: 'alice', work: 2n }] },
      { closedAtMs: NOW, shares: [{ address: 'alice', work: 3n }] },
      { closedAtMs: NOW, shares: [{ address: 'late', work: 4n }] },
    ]);
    await book(log);
    const poolId = (await database.db.selectFrom('pool').select('id').executeTakeFirst())?.id ?? 0;
    const located = await database.db.transaction().execute(async (trx) => {
      const reach = { kind: 'time', sinceMs: NOW - 4_000 } as const;
      return readWindow(trx, poolId, await locate(trx, poolId, log[2]?.sequence ?? 0n, reach));
    });
    expect(located).toEqual({ inside: [{ account: 'alice', work: 5n }], boughtWork: 0n });
  });
});
describe('pruning', () => {
  const DAY_MS = 86_400_000;
  const retention = {
    shareLogMs: 7 * DAY_MS,
    workerMinutesMs: DAY_MS,
    historyMs: 31 * DAY_MS,
    workMs: 90 * DAY_MS,
  };
  let nowMs: number;
  const countOf = async (table: string): Promise<number> =>
    Number((await database.pool.query<{ count: string }>(`SELECT count(*) FROM ${table}`)).rows[0]?.count);
  const partitions = async (): Promise<number> => {
    const { rows } = await database.pool.query<{ count: string }>(
      "SELECT count(*) FROM pg_inherits WHERE inhparent IN ('booked_batch'::regclass, 'worker_minute'::regclass)",
    );
    return Number(rows[0]?.count);
  };

  beforeEach(() => {
    nowMs = NOW;
    ledger = createLedger(database.db, { clock: () => nowMs });
  });

  it('drops old ids and minutes with their partitions, and says how far the log has served', async () => {
    const log = logOf([
      { shares: [{ address: 'alice', work: 5n }] },
      { closedAtMs: NOW + DAY_MS / 2, shares: [{ address: 'alice', work: 5n }] },
      { closedAtMs: NOW + 9 * DAY_MS, shares: [{ address: 'alice', work: 5n }] },
    ]);
    await book(log.slice(0, 1));
    expect(await countOf('worker_minute')).toBe(1);
    nowMs += DAY_MS / 2;
    await book(log.slice(0, 2));
    expect(await ledger.servedUpTo(retention, nowMs)).toBe(0n);
    nowMs = NOW + 9 * DAY_MS;
    // Old, but shares of these batches would still be known if they came again.
    expect(await ledger.servedUpTo(retention, nowMs)).toBe(0n);
    await book(log);
    // Two generations: the first batch is the older one's.
    expect(await ledger.servedUpTo(retention, nowMs)).toBe(log[0]?.sequence);
    await ledger.prune(retention, nowMs);
    expect(await countOf('booked_batch')).toBe(2);
    expect(await countOf('worker_minute')).toBe(1);
    expect(await countOf('work_entry')).toBe(3);
    const kept = await partitions();
    await ledger.prune(retention, nowMs);
    expect(await partitions()).toBe(kept);
  });

  it('drops work that is old and that no window can reach any more', async () => {
    const terms = { scheme: 'pplns', feeBasisPoints: 0, window: { kind: 'work', networkBlocks: 2 } } as const;
    await ledger.registerPools([{ id: 'main', coin: 'bitcoin', terms }]);
    // Far apart, so that each is in a partition of its own.
    const entry = (sequence: bigint, days: number, work: bigint): LogEntry => ({
      sequence,
      payload: createBatch({
        poolId: 'main',
        closedAtMs: NOW + days * DAY_MS,
        shares: [{ address: 'alice', work }],
      }),
    });
    const log = [entry(1n, 0, 500n), entry(10_000_000n, 1, 500n), entry(99_000_000n, 100, 500n)];
    const summing = createLedger(database.db, { clock: () => nowMs, chunkShares: 1 });
    for (let upTo = 1; upTo <= log.length; upTo++) await book(log.slice(0, upTo), summing);
    expect(await countOf('work_chunk')).toBe(3);
    nowMs = NOW + 100 * DAY_MS;
    await ledger.prune(retention, nowMs);
    // No block yet: its window may reach back to the beginning.
    expect(await countOf('work_entry')).toBe(3);
    // A window of 180; four times that reaches into the second batch.
    const event = blockEvent(1, { rewardAtomic: '100', networkWork: '90', foundAtMs: nowMs });
    await ledger.recordBlock({ sequence: 1n, event, windowTo: 99_000_000n, atMs: nowMs });
    await ledger.prune(retention, nowMs);
    const { rows } = await database.pool.query<{ sequence: string }>('SELECT sequence FROM work_entry');
    expect(rows.map(({ sequence }) => sequence).toSorted()).toEqual(['10000000', '99000000']);
    // The second one begins where the partition that went still was.
    expect(await countOf('work_chunk')).toBe(1);
    // What is left is booked on.
    await book([...log, entry(99_000_001n, 100, 7n)]);
    expect(await countOf('work_entry')).toBe(3);
  });
});
