/**
 * One supervised task: runs a round when woken and at least every so often, one at a time with a rest in between,
 * and again after a failure with growing patience.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@otedama/contracts';

export interface LoopOptions {
  readonly round: (signal: AbortSignal) => Promise<void>;
  readonly onFailure: (error: unknown) => void;
  readonly logger: Logger;
  /** For the log. */
  readonly what: string;
  readonly idleMs: number;
  /** After each round, whoever wakes: what comes meanwhile is done in one go. */
  readonly restMs: number;
}

const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 10_000;

export class Loop {
  readonly #options: LoopOptions;
  readonly #stopping = new AbortController();
  #sleep = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  wake(): void {
    this.#sleep.abort();
  }

  /** Resolves when the round under way has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#sleep.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { round, onFailure, logger, what, idleMs, restMs } = this.#options;
    let retryMs = RETRY_FIRST_MS;
    while (!this.#stopping.signal.aborted) {
      this.#sleep = new AbortController();
      try {
        await round(this.#stopping.signal);
        retryMs = RETRY_FIRST_MS;
        await pause(restMs, this.#stopping.signal);
        await pause(idleMs, this.#sleep.signal);
      } catch (error) {
        onFailure(error);
        logger.error({ what, error, retryMs }, 'accounting is held up');
        // News do not cut this short: they would only fail as well.
        await pause(jittered(retryMs), this.#stopping.signal);
        retryMs = Math.min(retryMs * 2, RETRY_MAX_MS);
      }
    }
  }
}

/** Between half and all of it: processes that lost the same server do not come back in step. */
const jittered = (milliseconds: number): number => milliseconds * (0.5 + Math.random() / 2);

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  delay(milliseconds, undefined, { signal }).catch(() => undefined);
