/**
 * `otedama bench gateway`: the whole embedded pool (gateway, native verification, durable log in PostgreSQL,
 * accounting, playground node) in a child process, and simulated miners in this one. Every share is valid,
 * hashed by the pool and durable before its answer counts. Three phases: many sessions for the spread of
 * new-block notifies, a closed loop for the rate, and half of that rate for the latency.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailure } from '../failure.ts';
import { LoadConnection } from './load-connection.ts';
import { type BenchPool, startBenchPool } from './pool-process.ts';
import { summarise } from './statistics.ts';

export interface GatewayBenchOptions {
  readonly seconds: number;
  readonly connections: number;
  readonly inFlight: number;
  readonly sessions: number;
}

const SESSIONS_CONNECTED_AT_ONCE = 100;
/** Blocks whose notify spread is measured. */
const SPREAD_BLOCKS = 3;
const SPREAD_TIMEOUT_MS = 120_000;
/** The chain begins at the lowest difficulty: nearly every share is a block, one at a time. */
const BLOCK_EVERY_MS = 500;

interface Phase {
  answered: number;
  readonly latenciesMs: number[];
  readonly rejects: Record<string, number>;
}

const newPhase = (): Phase => ({ answered: 0, latenciesMs: [], rejects: {} });

class Crowd {
  readonly connections: LoadConnection[] = [];
  readonly blocks = new Map<string, number[]>();
  phase = newPhase();
  onAnswer: (connection: LoadConnection) => void = () => undefined;
  #failed: Error | undefined;
  #closing = false;
  readonly #pool: BenchPool;

  constructor(pool: BenchPool) {
    this.#pool = pool;
  }

  async grow(size: number): Promise<void> {
    while (this.connections.length < size) {
      const batch = Math.min(SESSIONS_CONNECTED_AT_ONCE, size - this.connections.length);
      await Promise.all(Array.from({ length: batch }, () => this.#connect()));
    }
  }

  check(): void {
    if (this.#failed !== undefined)
      throw new CommandFailure(`a connection of the benchmark broke: ${this.#failed.message}`);
  }

  close(): void {
    this.#closing = true;
    for (const connection of this.connections) connection.close();
  }

  #connect(): Promise<void> {
    return new Promise((resolve) => {
      const connection = new LoadConnection(
        this.#pool.stratumPort,
        `${this.#pool.address}.b${this.connections.length}`,
        {
          ready: resolve,
          answered: (latencyMs, error) => {
            this.#record(latencyMs, error);
            this.onAnswer(connection);
          },
          newBlock: (prevHash, atMs) => {
            const seen = this.blocks.get(prevHash);
            if (seen === undefined) this.blocks.set(prevHash, [atMs]);
            else seen.push(atMs);
          },
          closed: (error) => {
            if (!this.#closing) this.#failed ??= error ?? new Error('closed by the pool');
            resolve();
          },
        },
      );
      this.connections.push(connection);
    });
  }

  #record(latencyMs: number, error: string | undefined): void {
    if (error === undefined) {
      this.phase.answered += 1;
      this.phase.latenciesMs.push(latencyMs);
    } else this.phase.rejects[error] = (this.phase.rejects[error] ?? 0) + 1;
  }
}

/** Each connection keeps `inFlight` shares unanswered. */
const closedLoop = async (crowd: Crowd, pool: BenchPool, options: GatewayBenchOptions) => {
  const refill = (connection: LoadConnection): void => {
    while (connection.inFlight < options.inFlight) connection.submit();
  };
  crowd.onAnswer = refill;
  for (const connection of crowd.connections) refill(connection);
  await sleep(Math.min(3_000, options.seconds * 250));
  crowd.phase = newPhase();
  const before = { pool: pool.cpuSeconds(), own: process.cpuUsage(), at: performance.now() };
  await sleep(options.seconds * 1_000);
  const seconds = (performance.now() - before.at) / 1_000;
  const { phase } = crowd;
  crowd.onAnswer = () => undefined;
  const own = process.cpuUsage(before.own);
  crowd.check();
  return {
    connections: crowd.connections.length,
    inFlight: options.inFlight,
    acceptedPerSecond: Math.round(phase.answered / seconds),
    poolCpuMicrosecondsPerShare: Number(
      (((pool.cpuSeconds() - before.pool) * 1e6) / phase.answered).toFixed(1),
    ),
    generatorCpuShare: Number(((own.user + own.system) / 1e6 / seconds).toFixed(2)),
    latencyMs: summarise(phase.latenciesMs),
    rejects: phase.rejects,
  };
};

/** Shares on a clock, so that a slow answer does not slow the next share. */
const atRate = async (crowd: Crowd, perSecond: number, seconds: number) => {
  while (crowd.connections.some((connection) => connection.inFlight > 0)) await sleep(20);
  crowd.phase = newPhase();
  const startedAt = performance.now();
  let sent = 0;
  while (performance.now() - startedAt < seconds * 1_000) {
    const due = ((performance.now() - startedAt) / 1_000) * perSecond;
    for (; sent < due; sent++) crowd.connections[sent % crowd.connections.length]?.submit();
    await sleep(1);
  }
  await sleep(500);
  crowd.check();
  return {
    sharesPerSecond: Math.round(perSecond),
    latencyMs: summarise(crowd.phase.latenciesMs),
    rejects: crowd.phase.rejects,
  };
};

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

const withCrowd = async <Result>(
  pool: BenchPool,
  use: (crowd: Crowd) => Promise<Result>,
): Promise<Result> => {
  const crowd = new Crowd(pool);
  try {
    return await use(crowd);
  } finally {
    crowd.close();
  }
};

export const benchGateway = async (options: GatewayBenchOptions) => {
  const pool = await startBenchPool();
  try {
    // First, while the playground chain is at its lowest difficulty.
    const notify = await withCrowd(pool, (crowd) => notifySpread(crowd, options.sessions));
    const load = await withCrowd(pool, async (crowd) => {
      await crowd.grow(options.connections);
      const throughput = await closedLoop(crowd, pool, options);
      return { throughput, halfLoad: await atRate(crowd, throughput.acceptedPerSecond / 2, options.seconds) };
    });
    return { suite: 'gateway', notify, ...load, poolRssMb: pool.rssMb(), startMs: pool.startMs };
  } finally {
    await pool.stop();
  }
};
