import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { LogEntry } from '@otedama/contracts';
import { createTestLogs, type TestLogs } from '@otedama/file-log/testing';
import fc from 'fast-check';
import { createLedger, type Ledger } from '../ledger.ts';
import {
  batchIdOf,
  createBatch,
  createTestLog,
  startTestDatabase,
  type TestBatch,
  type TestDatabase,
} from '../testing/index.ts';

// A real database on a machine that may be busy with other things.
import.meta.jest.setTimeout(240_000);

const NOW = 1_700_000_000_000;
const never = new AbortController().signal;
let database: TestDatabase;
let logs: TestLogs;

const entryOf = (batch: Partial<TestBatch>, i: number): LogEntry => ({
  sequence: BigInt(i * 3 + 1),
  payload: createBatch({ poolId: 'main', closedAtMs: NOW, shares: [], ...batch }),
});

interface PoolCount {
  readonly name: string;
  readonly accepted: string;
  readonly duplicates: string;
  readonly work: string;
}

const poolCounts = async (): Promise<readonly PoolCount[]> =>
  (
    await database.pool.query<PoolCount>(
      'SELECT name, accepted, duplicates, work FROM pool WHERE accepted + duplicates > 0 ORDER BY name',
    )
  ).rows;

beforeAll(async () => {
  database = await startTestDatabase();
  logs = await createTestLogs();
});
beforeEach(() => Promise.all([database.reset(), logs.reset()]));
afterAll(async () => {
  await logs.dispose();
  await database.dispose();
});

describe('a share that stands in the log twice', () => {
  it('is counted once, whichever batch and gateway it came through', async () => {
    const ledger = createLedger(database.db, { clock: () => NOW });
    const share = { address: 'alice', work: 7n, proof: 1 };
    const log = [
      { shares: [share, { ...share, proof: 2 }, share] },
      { shares: [share, { ...share, proof: 3 }] },
      { shares: [{ ...share, address: 'mallory' }] },
    ].map(entryOf);
    await ledger.bookShares(createTestLog(log), never);
    expect(await poolCounts()).toEqual([{ name: 'main', accepted: '3', duplicates: '3', work: '21' }]);
    const workers = await ledger.workers({ pools: ['main'] }, { limit: 9, offset: 0 }, NOW);
    expect(workers).toMatchObject([{ address: 'alice', accepted: 3, rejected: 0 }]);
  });

  it('is counted in each pool that has it', async () => {
    const ledger = createLedger(database.db, { clock: () => NOW });
    const shares = [{ address: 'alice', work: 7n, proof: 1 }];
    await ledger.bookShares(createTestLog([{ shares }, { poolId: 'side', shares }].map(entryOf)), never);
    expect((await poolCounts()).map(({ accepted }) => accepted)).toEqual(['1', '1']);
  });

  it('is known after a restart, from the log', async () => {
    const shares = [{ address: 'alice', work: 7n, proof: 1 }];
    const log = [{ shares }, { shares: [{ address: 'bob', work: 1n }] }, { shares }].map(entryOf);
    await createLedger(database.db).bookShares(createTestLog(log.slice(0, 2)), never);
    await createLedger(database.db).bookShares(createTestLog(log), never);
    expect(await poolCounts()).toMatchObject([{ accepted: '2', duplicates: '1' }]);
  });
});

describe('any log', () => {
  const limits = { generationMs: 4_000, generationRecords: 12 };

  interface LoggedShare {
    readonly proof: number;
    readonly work: bigint;
    readonly address: string;
  }
  interface Logged {
    readonly poolId: string;
    readonly afterMs: number;
    readonly shares: readonly LoggedShare[];
    /** Comes as the batch this many places before, under the same id. */
    readonly again: number | undefined;
  }

  const shareArb = fc.record({
    proof: fc.integer({ min: 0, max: 9 }),
    work: fc.bigInt(1n, 50n),
    address: fc.constantFrom('a', 'b', 'c'),
  });
  const batchArb = fc.record({
    poolId: fc.constantFrom('main', 'side'),
    // Clocks of gateways differ: time may go back from batch to batch.
    afterMs: fc.integer({ min: -1_000, max: 2_500 }),
    shares: fc.array(shareArb, { maxLength: 5 }),
    again: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined, freq: 5 }),
  });
  /** Who books how far: one of two, both at once, or one that begins anew. */
  const stepArb = fc.record({
    who: fc.constantFrom('first', 'second', 'both', 'twice', 'new'),
    upTo: fc.integer({ min: 0, max: 30 }),
  });

  const createLog = (batches: readonly Logged[]): LogEntry[] => {
    const log: LogEntry[] = [];
    let closedAtMs = NOW;
    batches.forEach(({ poolId, afterMs, shares, again }, i) => {
      closedAtMs += afterMs;
      const earlier = again === undefined ? undefined : log[i - again];
      const fresh = entryOf({ poolId, closedAtMs, shares }, i);
      log.push(earlier === undefined ? fresh : { sequence: fresh.sequence, payload: earlier.payload });
    });
    return log;
  };

  /** The same, in plain words: what is remembered are two lists of lists. */
  const model = (
    batches: readonly Logged[],
  ): Map<string, { accepted: number; duplicates: number; work: bigint }> => {
    const counts = new Map<string, { accepted: number; duplicates: number; work: bigint }>();
    const closed: { poolId: string; atMs: number; shares: readonly LoggedShare[]; id: number }[] = [];
    let clock = NOW;
    batches.forEach(({ poolId, afterMs, shares, again }, i) => {
      clock += afterMs;
      const earlier = again === undefined ? undefined : closed[i - again];
      closed.push(earlier ?? { poolId, atMs: clock, shares, id: i });
    });
    let older: string[] = [];
    let newer: string[] = [];
    let since: number | undefined;
    let records = 0;
    const booked = new Set<number>();
    for (const { poolId, atMs, shares, id } of closed) {
      if (since === undefined) since = atMs;
      else if (atMs - since >= limits.generationMs || records >= limits.generationRecords) {
        [older, newer, since, records] = [newer, [], atMs, 0];
      }
      records += shares.length;
      const count = counts.get(poolId) ?? { accepted: 0, duplicates: 0, work: 0n };
      for (const { proof, work } of shares) {
        const key = `${poolId} ${proof}`;
        const isKnown = older.includes(key) || newer.includes(key);
        newer.push(key);
        if (booked.has(id)) continue;
        if (isKnown) count.duplicates += 1;
        else {
          count.accepted += 1;
          count.work += work;
        }
      }
      booked.add(id);
      if (count.accepted + count.duplicates > 0) counts.set(poolId, count);
    }
    return counts;
  };

  const play = async (
    log: readonly LogEntry[],
    steps: readonly { readonly who: string; readonly upTo: number }[],
  ): Promise<void> => {
    const options = { clock: () => NOW, recentShares: limits, transactionRecords: 6 };
    let ledgers: [Ledger, Ledger] = [createLedger(database.db, options), createLedger(database.db, options)];
    for (const { who, upTo } of [...steps, { who: 'both', upTo: log.length }]) {
      if (who === 'new') ledgers = [createLedger(database.db, options), ledgers[0]];
      const [first, second] = ledgers;
      const one = who === 'second' ? second : first;
      const those = who === 'both' ? ledgers : who === 'twice' ? [one, one] : [one];
      await Promise.all(those.map((by) => by.bookShares(createTestLog(log.slice(0, upTo)), never)));
    }
  };

  /** As before anything was booked, and much faster than from the beginning. */
  const empty = async (): Promise<void> => {
    await database.pool.query(`
      ALTER TABLE share_receipt DISABLE TRIGGER share_receipt_append_only;
      DELETE FROM share_receipt_leaves; DELETE FROM share_receipt;
      UPDATE share_interval SET after_sequence = 0, opened_at_ms = 0;
      DELETE FROM worker_minute; DELETE FROM pool_minute; DELETE FROM work_entry; DELETE FROM booked_batch;
      DELETE FROM worker; DELETE FROM miner; DELETE FROM pool; UPDATE consumer SET position = 0;
      UPDATE share_horizon SET older_from = 0, newer_from = 0, newer_since_ms = 0, newer_records = 0`);
  };

  it('comes to the same books, whoever books how much of it how often', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(batchArb, { minLength: 1, maxLength: 30 }),
        fc.array(stepArb, { maxLength: 6 }),
        async (batches, steps) => {
          await empty();
          await play(createLog(batches), steps);
          const expected = [...model(batches)].toSorted(([a], [b]) => (a < b ? -1 : 1));
          expect(await poolCounts()).toEqual(
            expected.map(([name, { accepted, duplicates, work }]) => ({
              name,
              accepted: String(accepted),
              duplicates: String(duplicates),
              work: String(work),
            })),
          );
        },
      ),
      { numRuns: 40, seed: 7 },
    );
  });
});

describe('death', () => {
  const fill = async (batches: number): Promise<{ shares: number; distinct: number }> => {
    const log = await logs.open('SHARES');
    const distinct = new Set<number>();
    let shares = 0;
    for (let i = 0; i < batches; i++) {
      const batch = createBatch({
        poolId: 'main',
        closedAtMs: Date.now(),
        // Every second share stands in the batch before as well.
        shares: Array.from({ length: 20 }, (_, n) => ({ address: `m${n % 7}`, work: 3n, proof: i * 10 + n })),
      });
      for (let n = 0; n < 20; n++) distinct.add(i * 10 + n);
      shares += 20;
      await log.append(batchIdOf(batch), batch);
    }
    await log.close();
    return { shares, distinct: distinct.size };
  };

  const expectExact = async ({ shares, distinct }: { shares: number; distinct: number }): Promise<void> => {
    expect(await poolCounts()).toEqual([
      {
        name: 'main',
        accepted: String(distinct),
        duplicates: String(shares - distinct),
        work: String(3 * distinct),
      },
    ]);
    const { rows } = await database.pool.query<{ sums: string }>(
      `SELECT concat_ws(' ', (SELECT sum(accepted) FROM worker), (SELECT sum(accepted) FROM worker_minute),
                        (SELECT max(total_work) FROM work_entry), (SELECT sum(work) FROM work_slice)) AS sums`,
    );
    expect(rows[0]?.sums).toBe(`${distinct} ${distinct} ${3 * distinct} ${3 * distinct}`);
  };

  it('of the booking process books nothing twice and leaves nothing out', async () => {
    const filled = await fill(300);
    const program = new URL('../testing/book-until-killed.ts', import.meta.url).pathname;
    let ended = false;
    for (let round = 1; !ended; round++) {
      const booker = spawn(
        process.execPath,
        [program, JSON.stringify(database.server.connection), join(logs.directory, 'SHARES')],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      const closed = once(booker, 'close');
      let lines = 0;
      for await (const line of createInterface(booker.stdout)) {
        ended ||= line === 'end';
        lines += 1;
        if (lines === round * 3) booker.kill('SIGKILL');
      }
      await closed;
    }
    await expectExact(filled);
  });

  it('of the database is a delay', async () => {
    const filled = await fill(200);
    const ledger = createLedger(database.db, { transactionRecords: 50 });
    const log = await logs.open('SHARES');
    let failures = 0;
    let killed: number | undefined;
    for (let kills = 0; ;) {
      try {
        await ledger.bookShares(log, never, () => {
          const pid = database.server.pid();
          if (kills < 3 && pid !== undefined) {
            kills += 1;
            killed = pid;
            process.kill(pid, 'SIGKILL');
          }
        });
        break;
      } catch {
        failures += 1;
        await delay(50);
      }
    }
    expect(failures).toBeGreaterThan(0);
    await log.close();
    await database.untilServedAgain(killed);
    await expectExact(filled);
  });
});
