/**
 * `otedama bench gateway`: the whole embedded pool (gateway, native verification, durable log in PostgreSQL,
 * accounting, playground node) in a child process, and simulated miners in this one. Every share is valid,
 * hashed by the pool and durable before its answer counts. Three phases: many sessions for the spread of
 * new-block notifies, a closed loop for the rate, and half of that rate for the latency.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { hash } from '@otedama/native';
import { CommandFailure } from '../failure.ts';
import { type Crowd, atRate, closedLoop, withCrowd } from './crowd.ts';
import { startBenchPool } from './pool-process.ts';
import { summarise } from './statistics.ts';

export interface GatewayBenchOptions {
  readonly seconds: number;
  readonly connections: number;
  readonly inFlight: number;
  readonly sessions: number;
}

/** Blocks whose notify spread is measured. */
const SPREAD_BLOCKS = 3;
const SPREAD_TIMEOUT_MS = 120_000;
/** The chain begins at the lowest difficulty: nearly every share is a block, one at a time. */
const BLOCK_EVERY_MS = 500;

/** First socket to last, for blocks that the crowd's own shares find. Idle otherwise. */
const notifySpread = async (crowd: Crowd, sessions: number) => {
  await crowd.grow(sessions);
  crowd.blocks.clear();
  const deadline = performance.now() + SPREAD_TIMEOUT_MS;
  const complete = (): number[][] => [...crowd.blocks.values()].filter((seen) => seen.length === sessions);
  let next = 0;
  while (complete().length < SPREAD_BLOCKS && performance.now() < deadline) {
    crowd.connections[next++ % sessions]?.submit();
    await sleep(BLOCK_EVERY_MS);
  }
  crowd.check();
  const spreads = complete().map((seen) => {
    const first = Math.min(...seen);
    return summarise(seen.map((atMs) => atMs - first));
  });
  if (spreads.length === 0)
    throw new CommandFailure('no block reached every session within the time of the benchmark');
  spreads.sort((a, b) => a.max - b.max);
  return { sessions, blocks: spreads.length, medianBlockMs: spreads[Math.floor(spreads.length / 2)] };
};

export const benchGateway = async (options: GatewayBenchOptions) => {
  const pool = await startBenchPool();
  const target = {
    port: pool.stratumPort,
    address: pool.address,
    sha256d: (bytes: Buffer) => hash('sha256d', bytes),
  };
  try {
    // First, while the playground chain is at its lowest difficulty.
    const notify = await withCrowd(target, (crowd) => notifySpread(crowd, options.sessions));
    const load = await withCrowd(target, async (crowd) => {
      await crowd.grow(options.connections);
      const throughput = await closedLoop(crowd, { ...options, cpuSeconds: () => pool.cpuSeconds() });
      return { throughput, halfLoad: await atRate(crowd, throughput.acceptedPerSecond / 2, options.seconds) };
    });
    return { suite: 'gateway', notify, ...load, poolRssMb: pool.rssMb(), startMs: pool.startMs };
  } finally {
    await pool.stop();
  }
};
