import { type LogEntry, ShareBatchView } from '@otedama/contracts';
import { receiptRoot } from '@otedama/native';
import { receiptDigest, rootFromPath, shareLeaf } from '@otedama/receipts';
import { createLedger, type Ledger } from '../ledger.ts';
import { createBatch, startTestDatabase, type TestBatch, type TestDatabase } from '../testing/index.ts';
import type { Receipt, ShareProof } from './read-receipts.ts';

// A real database on a machine that may be busy with other things.
const NOW = 1_700_000_000_000;
const MINUTE_MS = 60_000;
const page = { limit: 100, offset: 0 };
const never = new AbortController().signal;
let database: TestDatabase;
let nowMs: number;
let entries: LogEntry[];

const log = {
  read: async (after: bigint, limit: number) =>
    entries.filter(({ sequence }) => sequence > after).slice(0, limit),
  readAt: async (wanted: bigint) => entries.find(({ sequence }) => sequence === wanted),
};

const append = (...batches: readonly Partial<TestBatch>[]): void => {
  for (const batch of batches) {
    // Gaps between sequences mean nothing.
    const sequence = (entries.at(-1)?.sequence ?? 0n) + 3n;
    const shares = [{ address: 'alice', work: 5n }];
    entries.push({ sequence, payload: createBatch({ poolId: 'main', closedAtMs: nowMs, shares, ...batch }) });
  }
};

const open = (): Ledger =>
  createLedger(database.db, { clock: () => nowMs, receiptRoot, transactionRecords: 4 });

const provenBy = async (ledger: Ledger, sequence: bigint, index = 0): Promise<ShareProof> => {
  const outcome = await ledger.proveShare(log, { pool: 'main', sequence, index });
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.proof;
};

const expectChain = (newestFirst: readonly Receipt[]): void => {
  const receipts = newestFirst.toReversed();
  receipts.forEach((receipt, i) => {
    expect(receipt.number).toBe(BigInt(i + 1));
    expect(receipt.digest).toEqual(receiptDigest(receipt));
    expect(receipt.previous).toEqual(receipts[i - 1]?.digest ?? Buffer.alloc(32));
  });
};

beforeAll(async () => {
  database = await startTestDatabase();
});
beforeEach(async () => {
  await database.reset();
  nowMs = NOW;
  entries = [];
});
afterAll(() => database.dispose());

/** Three minutes of two pools, with a batch that comes twice; a new process after each turn, if so wanted. */
const runThreeMinutes = async (restarts: boolean): Promise<Ledger> => {
  let ledger = open();
  const again = Buffer.alloc(16, 9);
  for (let minute = 0; minute < 3; minute++) {
    for (let turn = 0; turn < 3; turn++) {
      if (restarts) ledger = open();
      append(
        {
          shares: Array.from({ length: 1 + turn }, (_, i) => ({
            address: `m${i}`,
            work: 7n,
            proof: 100 * minute + 10 * turn + i,
          })),
        },
        { poolId: 'other', shares: [{ address: 'bob', work: 1n, proof: 1_000 + 10 * minute + turn }] },
        { batchId: again, shares: [{ address: 'carol', work: 1n, proof: 5 }] },
        { shares: [], rejects: [{ address: 'dave', shares: 2 }] },
      );
      await ledger.bookShares(log, never);
      nowMs += MINUTE_MS / 3;
    }
  }
  await ledger.bookShares(log, never);
  return ledger;
};

it('gives each pool a receipt a minute, chained, over every share that was booked', async () => {
  const ledger = await runThreeMinutes(false);
  const receipts = await ledger.receipts('main', page);
  expectChain(receipts);
  expectChain(await ledger.receipts('other', page));
  // All batches with shares but the repetitions of the one that came nine times.
  const batches = receipts.reduce((sum, receipt) => sum + receipt.batches, 0);
  const shares = receipts.reduce((sum, receipt) => sum + receipt.shares, 0n);
  expect([batches, shares]).toEqual([9 + 1, 3n * (1n + 2n + 3n) + 1n]);
  expect(receipts.map(({ afterSequence }) => afterSequence)).toEqual([
    ...receipts.slice(1).map(({ toSequence }) => toSequence),
    0n,
  ]);
});

it('proves each share by a path in its batch and a path in its interval', async () => {
  const ledger = await runThreeMinutes(false);
  for (const { sequence, payload } of entries) {
    const batch = new ShareBatchView(payload);
    if (batch.poolId !== 'main' || batch.batchId[0] === 9) continue;
    for (let index = 0; index < batch.count; index++) {
      const { share, batch: inBatch, receipt } = await provenBy(ledger, sequence, index);
      const root = rootFromPath(shareLeaf(share), { index, size: inBatch.count }, inBatch.path);
      expect(root).toEqual(receiptRoot(payload));
      expect(receipt.afterSequence < sequence && sequence <= receipt.toSequence).toBe(true);
    }
  }
});

it('is the same whatever process is killed between two transactions', async () => {
  const whole = await (await runThreeMinutes(false)).receipts('main', page);
  await database.reset();
  nowMs = NOW;
  const kept = entries;
  entries = [];
  // The same bytes again: ids and proofs of shares are random otherwise.
  let ledger = open();
  for (let turn = 0; turn < 9; turn++) {
    entries = kept.slice(0, 4 * (turn + 1));
    ledger = open();
    await ledger.bookShares(log, never);
    nowMs += MINUTE_MS / 3;
  }
  await open().bookShares(log, never);
  expect(await ledger.receipts('main', page)).toEqual(whole);
});

it('closes an interval also when no share comes any more', async () => {
  const ledger = open();
  append({});
  await ledger.bookShares(log, never);
  // The first is over at once: nothing was open before it.
  expect(await ledger.receipts('main', page)).toHaveLength(1);
  append({}, {});
  await ledger.bookShares(log, never);
  expect(await ledger.proveShare(log, { pool: 'main', sequence: 6n, index: 0 })).toEqual({
    ok: false,
    reason: 'no-receipt',
  });
  nowMs += MINUTE_MS;
  await ledger.bookShares(log, never);
  const receipts = await ledger.receipts('main', page);
  expectChain(receipts);
  expect((await provenBy(ledger, 6n)).receipt).toEqual(receipts[0]);
  await ledger.bookShares(log, never);
  expect(await ledger.receipts('main', page)).toHaveLength(2);
});

it('tells a log that was changed afterwards, and lets no receipt be changed', async () => {
  const ledger = open();
  append({
    shares: [
      { address: 'alice', work: 5n },
      { address: 'bob', work: 6n },
    ],
  });
  await ledger.bookShares(log, never);
  const [entry] = entries;
  if (entry === undefined) throw new Error('no entry');
  const place = { pool: 'main', sequence: entry.sequence, index: 1 };
  expect(await ledger.proveShare(log, place)).toMatchObject({ ok: true });
  // More work for alice than she did.
  entry.payload.writeUInt8(99, 64 + 96);
  expect(await ledger.proveShare(log, place)).toEqual({ ok: false, reason: 'contradiction' });
  for (const change of ["SET root = sha256('x')", 'SET shares = 7']) {
    await expect(database.pool.query(`UPDATE share_receipt ${change}`)).rejects.toThrow('append-only');
  }
  await expect(database.pool.query('DELETE FROM share_receipt')).rejects.toThrow();
});

it('refuses what is not there: another pool, another place, a part of the log before receipts began', async () => {
  const ledger = open();
  append({});
  await ledger.bookShares(log, never);
  for (const place of [
    { pool: 'other', sequence: 3n, index: 0 },
    { pool: 'main', sequence: 3n, index: 1 },
    { pool: 'main', sequence: 4n, index: 0 },
  ]) {
    expect(await ledger.proveShare(log, place)).toEqual({ ok: false, reason: 'no-such-share' });
  }
});

it('forgets the leaves with the log, and keeps the receipts', async () => {
  const ledger = open();
  append({});
  await ledger.bookShares(log, never);
  const DAY_MS = 86_400_000;
  nowMs += 3 * DAY_MS;
  append({}, {});
  await ledger.bookShares(log, never);
  const retention = { shareLogMs: DAY_MS, workerMinutesMs: DAY_MS, historyMs: 31 * DAY_MS, workMs: DAY_MS };
  // What tells shares that come again still needs it.
  await ledger.prune(retention, nowMs);
  expect(await ledger.proveShare(log, { pool: 'main', sequence: 3n, index: 0 })).toMatchObject({ ok: true });
  await database.pool.query('UPDATE share_horizon SET older_from = 6');
  await ledger.prune(retention, nowMs);
  expect(await ledger.proveShare(log, { pool: 'main', sequence: 3n, index: 0 })).toEqual({
    ok: false,
    reason: 'no-receipt',
  });
  expect(await ledger.receipts('main', page)).toHaveLength(2);
});

it('finds the shares of a miner by time, worker and hash', async () => {
  const ledger = open();
  append(
    {
      shares: [
        { address: 'alice', worker: 'a', work: 5n, proof: 1 },
        { address: 'bob', work: 6n, proof: 2 },
      ],
    },
    { shares: [{ address: 'bob', work: 6n, proof: 3 }] },
    { closedAtMs: nowMs + 30_000, shares: [{ address: 'alice', worker: 'b', work: 7n, proof: 4 }] },
    { closedAtMs: nowMs + 600_000, shares: [{ address: 'alice', worker: 'b', work: 7n, proof: 6 }] },
  );
  await ledger.bookShares(log, never);
  const search = { pool: 'main', address: 'alice', atMs: nowMs, limit: 10 };
  const found = await ledger.shares(log, search);
  expect(found.map(({ sequence, index, worker, work }) => [sequence, index, worker, work])).toEqual([
    [3n, 0, 'a', 5n],
    [9n, 0, 'b', 7n],
  ]);
  expect(await ledger.shares(log, { ...search, worker: 'b' })).toEqual([found[1]]);
  const hash = found[1]?.powHash ?? Buffer.alloc(0);
  expect(await ledger.shares(log, { ...search, powHash: hash.toString('hex') })).toEqual([found[1]]);
  const display = Buffer.from(hash).reverse().toString('hex');
  expect(await ledger.shares(log, { ...search, powHash: display })).toEqual([found[1]]);
  expect(await ledger.shares(log, { ...search, address: 'carol' })).toEqual([]);
});
