/**
 * How many batches a second a log in JetStream takes in and gives back, on a nats-server of its own with file
 * storage. Prints one JSON object. Run: node libs/bus/bench/jetstream-log.bench.ts [batches] [shares a batch]
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { RECORD_BYTES, SHARES_LOG, silentLogger } from '@otedama/contracts';
import { startNats } from '@otedama/test-harness/nats-server';
import { connectNats, createJetStreamLog, ensureStreams } from '../src/nats/index.ts';

const batches = Number(process.argv[2] ?? 20_000);
const shares = Number(process.argv[3] ?? 64);
/** As accounting reads. */
const READ_ENTRIES = 64;
const LANES = 64;

const dir = await mkdtemp(join(tmpdir(), 'otedama-bench-'));
const nats = await startNats({ dir });
const link = await connectNats({ servers: [nats.url], name: 'bench' }, { logger: silentLogger });
await ensureStreams(link);
const log = createJetStreamLog({ link, logger: silentLogger }, { name: SHARES_LOG });
const payload = randomBytes(shares * RECORD_BYTES);

const measure = async (work: () => Promise<void>) => {
  const startedAtMs = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    batchesPerSecond: Math.round(batches / seconds),
    sharesPerSecond: Math.round((batches * shares) / seconds),
    clientCpuMicrosPerBatch: Math.round((user + system) / batches),
  };
};

const append = async (lane: number): Promise<void> => {
  for (let n = lane; n < batches; n += LANES) {
    const id = Buffer.alloc(16);
    id.writeUInt32BE(n);
    await log.append(id, payload);
  }
};

const appended = await measure(async () => {
  await Promise.all(Array.from({ length: LANES }, (_, lane) => append(lane)));
});
const drained = await measure(async () => {
  let position = 0n;
  let read = 0;
  for (;;) {
    const entries = await log.read(position, READ_ENTRIES);
    if (entries.length === 0) break;
    read += entries.length;
    position = entries.at(-1)?.sequence ?? position;
  }
  if (read !== batches) throw new Error(`${read} of ${batches} batches were read`);
});

console.log(
  JSON.stringify({
    benchmark: 'jetstream-log',
    node: process.version,
    cpu: cpus()[0]?.model,
    batches,
    sharesPerBatch: shares,
    batchBytes: payload.length,
    appended,
    drained,
  }),
);
await log.close();
await link.close();
await nats.stop();
await rm(dir, { recursive: true, force: true });
