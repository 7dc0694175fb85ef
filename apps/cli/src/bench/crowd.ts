/**
 * Simulated miners of one pool, and the two ways to load it with them: each share on an answer, for the most that
 * the pool can take, or shares on a clock, for how long an answer takes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { LoadConnection, type LoadTarget } from './load-connection.ts';
import { summarise } from './statistics.ts';

export interface ClosedLoopOptions {
  readonly seconds: number;
  readonly inFlight: number;
  /** Of the pool so far. */
  readonly cpuSeconds: () => number;
}

const SESSIONS_CONNECTED_AT_ONCE = 100;

interface Phase {
  answered: number;
  readonly latenciesMs: number[];
  readonly rejects: Record<string, number>;
}

const newPhase = (): Phase => ({ answered: 0, latenciesMs: [], rejects: {} });

export class Crowd {
  readonly connections: LoadConnection[] = [];
  readonly blocks = new Map<string, number[]>();
  phase = newPhase();
  /** In all phases. */
  accepted = 0;
  onAnswer: (connection: LoadConnection) => void = () => undefined;
  #failed: Error | undefined;
  #closing = false;
  readonly #target: LoadTarget;

  constructor(target: LoadTarget) {
    this.#target = target;
  }

  async grow(size: number): Promise<void> {
    while (this.connections.length < size) {
      const batch = Math.min(SESSIONS_CONNECTED_AT_ONCE, size - this.connections.length);
      await Promise.all(Array.from({ length: batch }, () => this.#connect()));
    }
  }

  check(): void {
    if (this.#failed !== undefined)
      throw new Error(`a connection of the benchmark broke: ${this.#failed.message}`);
  }

  close(): void {
    this.#closing = true;
    for (const connection of this.connections) connection.close();
  }

  #connect(): Promise<void> {
    return new Promise((resolve) => {
      const connection = new LoadConnection(
        this.#target,
        `${this.#target.address}.b${this.connections.length}`,
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
      this.accepted += 1;
      this.phase.answered += 1;
      this.phase.latenciesMs.push(latencyMs);
    } else this.phase.rejects[error] = (this.phase.rejects[error] ?? 0) + 1;
  }
}

/** Each connection keeps `inFlight` shares unanswered. */
export const closedLoop = async (crowd: Crowd, options: ClosedLoopOptions) => {
  const refill = (connection: LoadConnection): void => {
    while (connection.inFlight < options.inFlight) connection.submit();
  };
  crowd.onAnswer = refill;
  for (const connection of crowd.connections) refill(connection);
  await sleep(Math.min(3_000, options.seconds * 250));
  crowd.phase = newPhase();
  const cpuBefore = options.cpuSeconds();
  const before = { own: process.cpuUsage(), at: performance.now() };
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
      (((options.cpuSeconds() - cpuBefore) * 1e6) / phase.answered).toFixed(1),
    ),
    generatorCpuShare: Number(((own.user + own.system) / 1e6 / seconds).toFixed(2)),
    latencyMs: summarise(phase.latenciesMs),
    rejects: phase.rejects,
  };
};

/** Shares on a clock, so that a slow answer does not slow the next share. */
export const atRate = async (crowd: Crowd, perSecond: number, seconds: number) => {
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

export const withCrowd = async <Result>(
  target: LoadTarget,
  use: (crowd: Crowd) => Promise<Result>,
): Promise<Result> => {
  const crowd = new Crowd(target);
  try {
    return await use(crowd);
  } finally {
    crowd.close();
  }
};
