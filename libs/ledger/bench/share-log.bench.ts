/**
 * How many batches of 256 shares a second the embedded log takes in, and how many the accounting books.
 * Prints one JSON object. Run: node libs/ledger/bench/share-log.bench.ts [batches] [appends at once]
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { HEADER_BYTES, MAX_RECORDS, RECORD_BYTES, silentLogger } from '@otedama/contracts';
import {
  createLedger,
  createPostgresLog,
  migrate,
  openDatabase,
  startEmbeddedPostgres,
} from '../src/index.ts';
import { batchIdOf, createBatch } from '../src/testing/index.ts';

const batches = Number(process.argv[2] ?? 1_000);
const lanes = Number(process.argv[3] ?? 32);
const MINERS = 200;
const READ_ENTRIES = 64;
/** Proof-of-work hash and block hash within a record. */
const HASHES_AT = 128;

const secondsOf = async (work: () => Promise<void>): Promise<number> => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
};

const dataDir = await mkdtemp(join(tmpdir(), 'otedama-bench-'));
const server = await startEmbeddedPostgres({ dataDir, logger: silentLogger });
const database = openDatabase(server.connection, { logger: silentLogger });
await migrate(database.pool);
const log = createPostgresLog(database.pool, 'SHARES', { logger: silentLogger });
const ledger = createLedger(database.db);

const payloads = Array.from({ length: batches }, (_, n) => {
  const shares = Array.from({ length: MAX_RECORDS }, (_, i) => ({
    address: `miner${(n * 7 + i) % MINERS}`,
    worker: `rig${i % 3}`,
    work: 65_536n,
  }));
  const payload = createBatch({ poolId: 'bench', closedAtMs: 1_700_000_000_000 + n * 10, shares });
  // Hashes do not compress: neither may these.
  for (let i = 0; i < MAX_RECORDS; i++)
    randomBytes(64).copy(payload, HEADER_BYTES + i * RECORD_BYTES + HASHES_AT);
  return payload;
});

let next = 0;
const appendSeconds = await secondsOf(async () => {
  const lane = async (): Promise<void> => {
    for (let payload = payloads[next++]; payload !== undefined; payload = payloads[next++]) {
      await log.append(batchIdOf(payload), payload);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
});

let booked = 0;
const consumeSeconds = await secondsOf(async () => {
  let position = 0n;
  for (;;) {
    const entries = await log.read(position, READ_ENTRIES);
    if (entries.length === 0) return;
    position = await ledger.recordShares(entries);
    booked += entries.length;
  }
});

const [totals] = await ledger.pools(1_700_000_000_000);
await log.close();
await database.close();
await server.stop();
await rm(dataDir, { recursive: true });
if (booked !== batches || totals?.accepted !== batches * MAX_RECORDS) throw new Error('shares were lost');

const perSecond = (seconds: number) => ({
  batchesPerSecond: Math.round(batches / seconds),
  sharesPerSecond: Math.round((batches * MAX_RECORDS) / seconds),
});
console.log(
  JSON.stringify({
    bench: 'share-log',
    batches,
    sharesPerBatch: MAX_RECORDS,
    appendsAtOnce: lanes,
    append: perSecond(appendSeconds),
    consume: perSecond(consumeSeconds),
    cpu: cpus()[0]?.model,
  }),
);
