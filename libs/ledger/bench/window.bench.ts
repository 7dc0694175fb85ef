/**
 * How long a block of a large pool takes to be settled: a PPLNS window of ten million shares of 50,000 miners, read out
 * of the books as accounting reads it, divided, and posted. The work is booked from batches of 256 shares before.
 * Prints one JSON object. Run: node libs/ledger/bench/window.bench.ts [shares] [miners]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LogEntry, MAX_RECORDS, silentLogger } from '@otedama/contracts';
import type { RewardTerms } from '@otedama/rewards';
import { createLedger, migrate, openDatabase, startEmbeddedPostgres } from '../src/index.ts';
import { settlePlaced } from '../src/ledger/block-window.ts';
import { createMinersBacklog } from '../src/testing/miners-backlog.ts';
import { processorMs } from '../src/testing/processor-time.ts';
import { sumChunks } from '../src/work/chunks.ts';

const shares = Number(process.argv[2] ?? 10_000_000);
const miners = Number(process.argv[3] ?? 50_000);
const RUNS = 5;
const WORK = 65_536n;
const REWARD = 312_500_000n;

const secondsOf = async <Value>(work: () => Promise<Value>): Promise<readonly [number, Value]> => {
  const start = performance.now();
  const value = await work();
  return [(performance.now() - start) / 1000, value];
};

const rounded = (seconds: number): number => Number(seconds.toFixed(3));
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

// A fifth more than the window, so that its far edge lies within the work and not at its beginning.
const batches = Math.ceil((shares * 1.2) / MAX_RECORDS);
const nowMs = Date.now();
const batchAt = createMinersBacklog({ miners, work: WORK, nowMs });
const log = {
  read: (after: bigint, limit: number): Promise<readonly LogEntry[]> => {
    const first = Number(after) + 1;
    const count = Math.max(0, Math.min(limit, batches - first + 1));
    const entries = Array.from({ length: count }, (_, i) => ({
      sequence: BigInt(first + i),
      payload: batchAt(first + i),
    }));
    return Promise.resolve(entries);
  },
};

const dataDir = await mkdtemp(join(tmpdir(), 'otedama-bench-'));
const server = await startEmbeddedPostgres({ dataDir, logger: silentLogger });
const database = openDatabase(server.connection, { logger: silentLogger });
await migrate(database.pool);
// Chunks are made apart, to see what they cost.
const ledger = createLedger(database.db, { chunkShares: Number.MAX_SAFE_INTEGER });
// So much network work that the window holds the wanted shares, and the edge cuts an entry.
const networkWork = BigInt(shares) * WORK - WORK / 2n;
const terms: RewardTerms = {
  scheme: 'pplns',
  window: { kind: 'work', networkBlocks: 1 },
  feeBasisPoints: 100,
};
await ledger.registerPools([{ id: 'bench', coin: 'bitcoin', terms }]);
const [bookSeconds] = await secondsOf(() => ledger.bookShares(log, new AbortController().signal));
await database.pool.query('VACUUM ANALYZE');
await database.pool.query('CHECKPOINT');

const facts = { rewardAtomic: REWARD, networkWork, foundAtMs: nowMs, finder: 'finder' };
const settle = () =>
  database.db.transaction().execute(async (trx) => {
    const { id } = await trx.selectFrom('pool').select('id').executeTakeFirstOrThrow();
    const placed = { poolId: id, coin: 'bitcoin', height: 1, to: BigInt(batches), capacity: undefined };
    return settlePlaced(trx, placed, terms, facts);
  });
const settleRuns = async () => {
  const seconds: number[] = [];
  let settlement = (await settle()).settlement;
  const serverBefore = processorMs(server.pid());
  const before = process.cpuUsage();
  for (let run = 0; run < RUNS; run++) {
    const [took, settled] = await secondsOf(settle);
    seconds.push(took);
    settlement = settled.settlement;
  }
  const { user, system } = process.cpuUsage(before);
  const figures = {
    medianSeconds: rounded(median(seconds)),
    slowestSeconds: rounded(Math.max(...seconds)),
    // On a machine that is busy with other things these say more.
    nodeCpuSeconds: rounded((user + system) / 1e6 / RUNS),
    serverCpuSeconds: rounded((processorMs(server.pid()) - serverBefore) / 1e3 / RUNS),
  };
  return { figures, settlement };
};

const byEntry = await settleRuns();
const [chunkSeconds] = await secondsOf(() => sumChunks(database.db));
const byChunk = await settleRuns();
const event = {
  poolId: 'bench',
  coin: 'bitcoin',
  height: 1,
  hash: '01'.repeat(32),
  prevHash: '00'.repeat(32),
  coinbaseTxid: '',
  rewardAtomic: REWARD.toString(),
  networkWork: networkWork.toString(),
  address: 'finder',
  worker: '',
  batchId: '00'.repeat(16),
  foundAtMs: nowMs,
  outcome: 'accepted',
} as const;
const [recordSeconds] = await secondsOf(() =>
  ledger.recordBlock({ sequence: 1n, event, windowTo: BigInt(batches), atMs: nowMs }),
);
const proof = await ledger.prove();
const { rows: chunks } = await database.pool.query<{ count: string }>('SELECT count(*) FROM work_chunk');
await database.close();
await server.stop();
await rm(dataDir, { recursive: true });

const { settlement } = byChunk;
const paid = settlement.credits.reduce((sum, { amountAtomic }) => sum + amountAtomic, settlement.feeAtomic);
const isSame = JSON.stringify(byEntry.settlement, String) === JSON.stringify(settlement, String);
if (paid !== REWARD || settlement.windowWork !== networkWork || !isSame || !proof.ok) {
  throw new Error('the window was not settled as it should');
}
console.log(
  JSON.stringify({
    bench: 'window',
    shares,
    miners: settlement.credits.length,
    batches,
    chunks: Number(chunks[0]?.count),
    settle: byChunk.figures,
    settleWithoutChunks: byEntry.figures,
    recordBlockSeconds: rounded(recordSeconds),
    booking: {
      sharesPerSecond: Math.round((batches * MAX_RECORDS) / bookSeconds),
      chunkSecondsPerMillionShares: rounded((chunkSeconds * 1e6) / (batches * MAX_RECORDS)),
    },
    loadAverage: loadavg()[0],
    cpu: cpus()[0]?.model,
  }),
);
