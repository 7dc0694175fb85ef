/**
 * How many shares a second the log of one machine takes in, and how many of a log that is filled already the
 * accounting books: batches of 64 to 256 shares, closed over a day, of 5,000 workers. Prints one JSON object.
 * Run: node libs/ledger/bench/share-log.bench.ts [shares] [appends at once]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@otedama/contracts';
import { openFileLog } from '@otedama/file-log';
import { receiptRoot } from '@otedama/native';
import { createLedger, migrate, openDatabase, startEmbeddedPostgres } from '../src/index.ts';
import { createBacklog } from '../src/testing/backlog.ts';
import { processorMs } from '../src/testing/processor-time.ts';

const wanted = Number(process.argv[2] ?? 1_000_000);
const lanes = Number(process.argv[3] ?? 32);
const secondsOf = async (work: () => Promise<void>): Promise<number> => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
};

const nowMs = Date.now();
const nextBatch = createBacklog(wanted, nowMs);
let share = 0;

const dataDir = await mkdtemp(join(tmpdir(), 'otedama-bench-'));
const server = await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres'), logger: silentLogger });
const database = openDatabase(server.connection, { logger: silentLogger });
await migrate(database.pool);
const log = await openFileLog({ directory: join(dataDir, 'shares'), name: 'SHARES', logger: silentLogger });
const ledger = createLedger(database.db, { receiptRoot });

let batches = 0;
const appendSeconds = await secondsOf(async () => {
  const lane = async (): Promise<void> => {
    for (let batch = nextBatch(); batch !== undefined; batch = nextBatch()) {
      batches += 1;
      share += batch.count;
      await log.append(batch.id, batch.bytes);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
});

let booked = 0;
const serverBefore = processorMs(server.pid());
const before = process.cpuUsage();
const drainSeconds = await secondsOf(() =>
  ledger.bookShares(log, new AbortController().signal, (run) => (booked += run.shares)),
);
const { user, system } = process.cpuUsage(before);
const serverMs = processorMs(server.pid()) - serverBefore;
const [load] = loadavg();

const readSeconds = await secondsOf(async () => {
  for (let after = 0n; ;) {
    const last = (await log.read(after, 64)).at(-1);
    if (last === undefined) return;
    after = last.sequence;
  }
});

const [totals] = await ledger.pools(nowMs);
await log.close();
await database.close();
await server.stop();
await rm(dataDir, { recursive: true });
if (booked !== share || totals?.accepted !== share) throw new Error('shares were lost');

const perSecond = (seconds: number) => ({
  batchesPerSecond: Math.round(batches / seconds),
  sharesPerSecond: Math.round(share / seconds),
});
console.log(
  JSON.stringify({
    bench: 'share-log',
    batches,
    shares: share,
    appendsAtOnce: lanes,
    append: perSecond(appendSeconds),
    drain: {
      ...perSecond(drainSeconds),
      nodeCpuUsPerShare: (user + system) / share,
      serverCpuUsPerShare: (serverMs * 1_000) / share,
      loadAverage: load,
    },
    readAlone: perSecond(readSeconds),
    cpu: cpus()[0]?.model,
  }),
);
