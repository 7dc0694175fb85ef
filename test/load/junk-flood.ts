/**
 * How long honest miners wait while others send made-up RandomX shares, as JSON: a Monero pool on a real monerod,
 * one honest miner whose shares are real, and many connections that claim hashes they never computed, each of
 * which costs the pool a verification. Connections that are sent away come back at once.
 *
 *   node test/load/junk-flood.ts [--liars 50] [--seconds 60]
 */
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import type * as Native from '@otedama/native';
import { StratumLine, scratchDirectory, startMoneroNode, startOtedama } from '../harness/src/index.ts';
import { printReport } from './report.ts';

/** A CommonJS addon, whose names an import cannot see. */
const { hashBlob } = createRequire(import.meta.url)('@otedama/native') as typeof Native;

const WALLET =
  '49ccoSmrBTPJd5yf8VYCULh4J5rHQaXP1TeC8Cnqhd5H9Y2cMwkJ9w42euLmMghKtCiQcgZEiGYW1K6Ae4biZ7w1HLSexS6';
/** Never met while the test runs, so that work stays the same. */
const NETWORK_DIFFICULTY = 100_000_000;
/** Half of all hashes: the honest miner spends little of the processor that is being fought for. */
const DIFFICULTY = 2;
const NONCE_OFFSET = 39;
const PAUSE_MS = 200;
const BEST_HASH = '0'.repeat(64);

interface Job {
  readonly blob: string;
  readonly job_id: string;
  readonly seed_hash: string;
}

interface Session {
  readonly line: StratumLine;
  readonly id: string;
  readonly job: Job;
}

const { values } = parseArgs({
  options: { liars: { type: 'string', default: '50' }, seconds: { type: 'string', default: '60' } },
});
const liars = Number(values.liars);

const login = async (port: number, worker: string): Promise<Session | undefined> => {
  const line = new StratumLine(port);
  const params = { login: `${WALLET}.${worker}`, pass: `d=${DIFFICULTY}`, agent: 'load', algo: ['rx/0'] };
  const reply = await line.request(1, 'login', params);
  const result = reply?.['result'] as { id: string; job: Job } | undefined;
  return result && { line, id: result.id, job: result.job };
};

const submit = ({ line, id, job }: Session, request: number, nonce: string, result: string) =>
  line.request(request, 'submit', { id, job_id: job.job_id, nonce, result });

const nonceHex = (nonce: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(nonce);
  return bytes.toString('hex');
};

/** The next nonce whose hash has its highest bit clear. */
const findShare = async ({ job }: Session, from: number) => {
  const blob = Buffer.from(job.blob, 'hex');
  const seed = Buffer.from(job.seed_hash, 'hex');
  for (let nonce = from; ; nonce++) {
    blob.writeUInt32LE(nonce, NONCE_OFFSET);
    const hash = await hashBlob('randomx', blob, seed);
    if ((hash.at(-1) ?? 255) < 0x80) return { nonce, hash: hash.toString('hex') };
  }
};

const mineHonestly = async (session: Session, firstNonce: number, untilMs: number): Promise<number[]> => {
  const waits: number[] = [];
  let nonce = firstNonce;
  for (let request = firstNonce + 2; performance.now() < untilMs; request++) {
    const share = await findShare(session, nonce);
    nonce = share.nonce + 1;
    const sentAt = performance.now();
    const reply = await submit(session, request, nonceHex(share.nonce), share.hash);
    if (reply?.['error'] !== undefined && reply['error'] !== null) {
      throw new Error(`an honest share was refused: ${JSON.stringify(reply['error'])}`);
    }
    waits.push(performance.now() - sentAt);
    await delay(PAUSE_MS);
  }
  return waits;
};

const lie = async (
  port: number,
  number: number,
  untilMs: number,
): Promise<{ sent: number; exiled: number }> => {
  const count = { sent: 0, exiled: 0 };
  while (performance.now() < untilMs) {
    const session = await login(port, `liar${number}`);
    if (session === undefined) continue;
    for (let request = 2; performance.now() < untilMs; request++) {
      count.sent++;
      const nonce = nonceHex((number << 20) + request);
      if ((await submit(session, request, nonce, BEST_HASH)) === undefined) break;
    }
    if (performance.now() < untilMs) count.exiled++;
    session.line.close();
  }
  return count;
};

const summary = (waits: readonly number[]) => {
  const sorted = waits.toSorted((a, b) => a - b);
  const at = (part: number) =>
    Number((sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN).toFixed(1));
  return { shares: waits.length, p50Ms: at(0.5), p99Ms: at(0.99), worstMs: at(1) };
};

const scratch = scratchDirectory('flood');
const node = await startMoneroNode(`${scratch.path}/node`, { difficulty: NETWORK_DIFFICULTY });
const otedama = await startOtedama({
  dataDir: scratch.path,
  config: `
pools:
  - id: xmr
    coin: monero
    network: regtest
    payout_address: ${WALLET}
    stratum: {address: '127.0.0.1:PORT'}
    daemons: [{url: '${node.url}', zmq_pub: '${node.zmqPub}'}]
`,
});
try {
  const port = otedama.ports.stratum;
  const honest = await login(port, 'honest');
  if (honest === undefined) throw new Error('no job');
  const spanMs = Number(values.seconds) * 1_000;
  const alone = await mineHonestly(honest, 0, performance.now() + spanMs / 2);
  const untilMs = performance.now() + spanMs;
  const [flooded, ...lies] = await Promise.all([
    mineHonestly(honest, 1 << 24, untilMs),
    ...Array.from({ length: liars }, (_, number) => lie(port, number, untilMs)),
  ]);
  const total = (key: 'sent' | 'exiled') => lies.reduce((sum, one) => sum + one[key], 0);
  const report = {
    liars,
    seconds: spanMs / 1_000,
    junkShares: total('sent'),
    sentAway: total('exiled'),
    alone: summary(alone),
    flooded: summary(flooded ?? []),
  };
  printReport(report);
  honest.line.close();
} finally {
  await otedama.stop();
  await node.stop();
  scratch.remove();
}
