/**
 * How many entries a second a log in files takes when many are under way, and how long one waits at a steady thousand a
 * second, of 5 kB each: some 25 shares. Prints one JSON object. Run: node libs/file-log/bench/append.bench.ts [seconds]
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { silentLogger } from '@otedama/contracts';
import { openFileLog } from '../src/index.ts';

const seconds = Number(process.argv[2] ?? 5);
const ENTRY_BYTES = 5_000;
const LANES = 32;
const RATE = 1_000;

const directory = await mkdtemp(join(tmpdir(), 'otedama-bench-'));
const log = await openFileLog({ directory, name: 'SHARES', logger: silentLogger });
const payload = randomBytes(ENTRY_BYTES);
// The first file is made.
await log.append(randomBytes(16), payload);

const takeAll = async (): Promise<number> => {
  const endMs = performance.now() + 1_000 * seconds;
  let appended = 0;
  const lane = async (): Promise<void> => {
    for (; performance.now() < endMs; appended++) await log.append(randomBytes(16), payload);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return appended / seconds;
};

/** Each from when it was due. */
const takeSteadily = async (): Promise<number[]> => {
  const startMs = performance.now();
  const waits: Promise<number>[] = [];
  for (let due = startMs; due < startMs + 1_000 * seconds;) {
    for (; due <= performance.now(); due += 1_000 / RATE) {
      const dueMs = due;
      waits.push(log.append(randomBytes(16), payload).then(() => performance.now() - dueMs));
    }
    await delay(1);
  }
  return (await Promise.all(waits)).sort((a, b) => a - b);
};

const waits = await takeSteadily();
const at = (part: number): number => Number((waits[Math.floor(part * waits.length)] ?? 0).toFixed(3));
const appendsPerSecond = Math.round(await takeAll());
await log.close();
await rm(directory, { recursive: true });
const steady = { perSecond: RATE, p50Ms: at(0.5), p99Ms: at(0.99), p999Ms: at(0.999), maxMs: waits.at(-1) };
const machine = { cpu: cpus()[0]?.model, load: loadavg()[0] };
console.log(
  JSON.stringify({ bench: 'file-log', entryBytes: ENTRY_BYTES, appendsPerSecond, steady, ...machine }),
);
