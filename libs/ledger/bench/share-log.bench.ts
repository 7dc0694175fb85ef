/**
 * How many shares a second the embedded log takes in, and how many of a log that is filled already the
 * accounting books: batches of 64 to 256 shares, closed over a day, of 5,000 workers. Prints one JSON object.
 * Run: node libs/ledger/bench/share-log.bench.ts [shares] [appends at once]
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HEADER_BYTES, RECORD_BYTES, silentLogger } from '@otedama/contracts';
import {
  createLedger,
  createPostgresLog,
  migrate,
  openDatabase,
  startEmbeddedPostgres,
} from '../src/index.ts';
import { createBatch } from '../src/testing/index.ts';

const wanted = Number(process.argv[2] ?? 1_000_000);
const lanes = Number(process.argv[3] ?? 32);
const WORKERS = 5_000;
const WORKERS_AT_ONCE = 256;
const SMALLEST = 64;
const LARGEST = 256;
const DAY_MS = 86_400_000;
const PATTERNS = 512;
const BATCH_ID_AT = 16;
const CLOSED_AT = 8;
/** Middle of the proof-of-work hash within a record. */
const PROOF_AT = 140;

const secondsOf = async (work: () => Promise<void>): Promise<number> => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
};

/** Numbers without a pattern, the same in each run. */
let state = 1;
const draw = (below: number): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};

const createPattern = (): Buffer => {
  const first = draw(WORKERS);
  const shares = Array.from({ length: SMALLEST + draw(LARGEST - SMALLEST + 1) }, () => {
    const number = (first + draw(WORKERS_AT_ONCE)) % WORKERS;
    return {
      address: `bc1q${String(number % 1_000).padStart(38, 'a')}`,
      worker: `rig${Math.floor(number / 1_000)}`,
      work: 65_536n << BigInt(number % 8),
    };
  });
  return createBatch({ poolId: 'bench', closedAtMs: 0, shares });
};

const patterns = Array.from({ length: PATTERNS }, createPattern);
const sharesOf = (batch: Buffer): number => batch.readUInt16LE(6);
const nowMs = Date.now();
let share = 0;

/** A batch of its own made of a pattern: another id, another time, other proofs. Undefined: there are enough. */
const nextBatch = (): Buffer | undefined => {
  if (share >= wanted) return undefined;
  const batch = Buffer.from(patterns[draw(PATTERNS)] ?? Buffer.alloc(0));
  randomBytes(16).copy(batch, BATCH_ID_AT);
  const closedAtMs = nowMs - DAY_MS + Math.floor((share / wanted) * DAY_MS);
  batch.writeBigUInt64LE(BigInt(closedAtMs), CLOSED_AT);
  for (let i = 0; i < sharesOf(batch); i++) {
    share += 1;
    const at = HEADER_BYTES + i * RECORD_BYTES + PROOF_AT;
    batch.writeUInt32LE(Math.imul(share, 0x9e3779b1) >>> 0, at);
    batch.writeUInt32LE(Math.imul(share, 0x85ebca6b) >>> 0, at + 4);
  }
  return batch;
};

/** Processor time of the server and of its children, those that have ended included; Linux counts in 10 ms. */
const serverCpuMs = (): number => {
  const pid = server.pid();
  if (pid === undefined) return 0;
  const ticksOf = (process: string, from: number, to: number): number => {
    const fields = readFileSync(`/proc/${process}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return fields.slice(from, to).reduce((sum, field) => sum + Number(field), 0);
  };
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return (
    10 * (ticksOf(String(pid), 11, 15) + children.reduce((sum, child) => sum + ticksOf(child, 11, 13), 0))
  );
};

const dataDir = await mkdtemp(join(tmpdir(), 'otedama-bench-'));
const server = await startEmbeddedPostgres({ dataDir, logger: silentLogger });
const database = openDatabase(server.connection, { logger: silentLogger });
await migrate(database.pool);
const log = createPostgresLog(database.pool, 'SHARES', { logger: silentLogger });
const ledger = createLedger(database.db);

let batches = 0;
const appendSeconds = await secondsOf(async () => {
  const lane = async (): Promise<void> => {
    for (let batch = nextBatch(); batch !== undefined; batch = nextBatch()) {
      batches += 1;
      await log.append(batch.subarray(BATCH_ID_AT, BATCH_ID_AT + 16), batch);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
});

// What the log has to write to its tables in the background is not the accounting's.
await database.pool.query('CHECKPOINT');
await delay(1_000);
let booked = 0;
const serverBefore = serverCpuMs();
const before = process.cpuUsage();
const drainSeconds = await secondsOf(() =>
  ledger.bookShares(log, new AbortController().signal, (run) => (booked += run.shares)),
);
const { user, system } = process.cpuUsage(before);
const serverMs = serverCpuMs() - serverBefore;
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
