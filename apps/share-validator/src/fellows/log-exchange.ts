/**
 * Jobs among validators by a durable log that keeps the last minutes: in the fleet a stream of NATS. Who comes
 * new reads it from its beginning and so knows every job whose shares may still come.
 */
import { type DurableLog, LogError, type Logger, type Subscription } from '@otedama/contracts';
import { pause, type Timers } from '@otedama/daemon-rpc';
import type { JobExchange } from './fellows.ts';
import { COPY_ID_BYTES, JobAssembler, readPart, splitJob } from './job-part.ts';

export interface LogExchangeDeps {
  readonly log: Pick<DurableLog, 'append' | 'read' | 'onAppend'>;
  readonly timers: Timers;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly logger: Logger;
}

export interface LogExchange extends JobExchange {
  /** To be called when every pool has subscribed. Resolves when all that the log had is told, or it is stopped. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Parts in one read. */
const READ_PARTS = 16;
const RETRY_MS = 250;

class LogJobExchange implements LogExchange {
  readonly #deps: LogExchangeDeps;
  readonly #listeners = new Map<string, Set<(job: Buffer) => void>>();
  readonly #assembler = new JobAssembler();
  readonly #stopping = new AbortController();
  #position = 0n;
  #appended: Subscription | undefined;
  #reading: Promise<void> = Promise.resolve();
  #isReading = false;
  #readAgain = false;

  constructor(deps: LogExchangeDeps) {
    this.#deps = deps;
  }

  publish(poolId: string, job: Buffer): void {
    const { log, logger, randomBytes } = this.#deps;
    const copyId = randomBytes(COPY_ID_BYTES);
    splitJob(poolId, copyId, job).forEach((part, index) => {
      const dedupeId = Buffer.concat([copyId, Buffer.of(index)]);
      log.append(dedupeId, part).catch((error: unknown) => {
        logger.error({ poolId, error }, 'a job was not told to the other validators');
      });
    });
  }

  subscribe(poolId: string, onJob: (job: Buffer) => void): Subscription {
    const listeners = this.#listeners.get(poolId) ?? new Set();
    this.#listeners.set(poolId, listeners);
    listeners.add(onJob);
    return { unsubscribe: () => void listeners.delete(onJob) };
  }

  start(): Promise<void> {
    this.#appended = this.#deps.log.onAppend(() => this.#wake());
    this.#wake();
    return this.#reading;
  }

  async stop(): Promise<void> {
    this.#appended?.unsubscribe();
    this.#stopping.abort();
    await this.#reading;
  }

  #wake(): void {
    this.#readAgain = true;
    if (!this.#isReading) this.#reading = this.#readAll();
  }

  async #readAll(): Promise<void> {
    this.#isReading = true;
    while (this.#readAgain && !this.#stopping.signal.aborted) {
      this.#readAgain = false;
      try {
        await this.#readOn();
      } catch (error) {
        // Another log in its place: all of it is new.
        if (error instanceof LogError && error.code === 'LOG_REWOUND') this.#position = 0n;
        this.#deps.logger.warn({ error }, 'the jobs of the other validators cannot be read now');
        await pause(this.#deps.timers, RETRY_MS, this.#stopping.signal);
        this.#readAgain = true;
      }
    }
    // In the same turn as the last look: a wake in between would be lost.
    this.#isReading = false;
  }

  async #readOn(): Promise<void> {
    for (;;) {
      const entries = await this.#deps.log.read(this.#position, READ_PARTS);
      if (this.#stopping.signal.aborted) return;
      for (const { sequence, payload } of entries) {
        this.#position = sequence;
        this.#take(payload);
      }
      if (entries.length === 0) return;
    }
  }

  #take(payload: Buffer): void {
    const part = readPart(payload);
    if (part === undefined) {
      this.#deps.logger.warn({ bytes: payload.length }, 'not a part of a job of this version');
      return;
    }
    const listeners = this.#listeners.get(part.poolId);
    const job = listeners && this.#assembler.add(part);
    if (job !== undefined) for (const listener of listeners ?? []) listener(job);
  }
}

export const createLogExchange = (deps: LogExchangeDeps): LogExchange => new LogJobExchange(deps);
