/** The pool under test: this same program, started as an operator starts it, in a scratch directory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BITCOIN_PLAYGROUND } from '@otedama/chain-params';
import { NODE_FLAGS } from '@otedama/service-host';
import { CommandFailure } from '../failure.ts';
import { readRunFile } from '../run-file.ts';
import { processCost } from './process-cost.ts';
import { freePort } from '../up/free-port.ts';
import { playgroundAddresses } from '../up/keys.ts';

export interface BenchPool {
  readonly stratumPort: number;
  readonly address: string;
  readonly startMs: number;
  /** User and system seconds of the pool and all its children so far. */
  cpuSeconds(): number;
  rssMb(): number;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const POLL_MS = 20;
/** A share takes a few hashes: the pool is measured, not the simulated miners. */
const DIFFICULTY = 1e-9;

const configText = (apiPort: number, stratumPort: number): string => `mining: {enable_cpu: false}
api: {address: '127.0.0.1:${apiPort}'}
pool: {address: '127.0.0.1:${stratumPort}', max_connections: 20000}
stratum:
  max_workers: 20000
  vardiff: {initial_difficulty: ${DIFFICULTY}, minimum_difficulty: ${DIFFICULTY}, maximum_difficulty: ${DIFFICULTY}}
`;

const waitUntilUp = async (child: ChildProcess, dataDir: string, output: () => string): Promise<void> => {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (readRunFile(dataDir) === undefined) {
    if (child.exitCode !== null || performance.now() > deadline) {
      throw new CommandFailure(`the pool of the benchmark did not start:\n${output()}`);
    }
    await new Promise((resolve) => {
      setTimeout(resolve, POLL_MS);
    });
  }
};

export const startBenchPool = async (): Promise<BenchPool> => {
  if (process.platform !== 'linux')
    throw new CommandFailure('bench gateway reads /proc and runs on Linux only');
  const dataDir = mkdtempSync(join(tmpdir(), 'otedama-bench-'));
  const stratumPort = await freePort();
  const file = join(dataDir, 'bench.yaml');
  writeFileSync(file, configText(await freePort(), stratumPort));
  const script = process.argv[1] ?? '';
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [...NODE_FLAGS, script, 'up', '--config', file, '--data-dir', join(dataDir, 'data')],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => (output = (output + String(text)).slice(-4_000)));
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => {
      child.once('exit', resolve);
    });
    if (child.exitCode === null && child.kill('SIGTERM')) await ended;
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    await waitUntilUp(child, join(dataDir, 'data'), () => output);
  } catch (error) {
    await stop();
    throw error;
  }
  const startMs = Math.round(performance.now() - startedAt);
  const address = playgroundAddresses(join(dataDir, 'data/playground/keys.json'), BITCOIN_PLAYGROUND).miner;
  return { stratumPort, address, startMs, stop, ...processCost([child.pid ?? 0]) };
};
