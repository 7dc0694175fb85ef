/**
 * Moves the log AUDIT into the hash chain, in the process that keeps the books, and says from time to time where the
 * chain has come to: a head in the process's log or in a monitoring system is one that an attacker of the database
 * does not reach.
 */
import type { Clock, DurableLog, Logger, Subscription } from '@otedama/contracts';
import type { AuditBook, AuditHead } from '@otedama/ledger';
import type { PartState } from '@otedama/observability';
import type { Registry } from 'prom-client';
import { createLagReader } from '../log-lag.ts';
import { Loop } from '../loop.ts';
import { type AuditMetrics, createAuditMetrics } from './metrics.ts';

export interface AuditKeeperDeps {
  readonly book: Pick<AuditBook, 'head' | 'take' | 'requireSameLog' | 'position'>;
  readonly log: DurableLog;
  readonly isBookkeeper: () => boolean;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface AuditKeeper {
  start(): void;
  /** Finishes the transaction under way. */
  stop(): Promise<void>;
  /** Degraded while the log waits. */
  partState(): PartState;
}

const IDLE_MS = 1_000;
const REST_MS = 100;
const HEAD_INTERVAL_MS = 10_000;
const TELL_INTERVAL_MS = 10 * 60_000;
const TRIM_INTERVAL_MS = 3_600_000;

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Also after a clock was set back. */
const isDue = (lastMs: number | undefined, intervalMs: number, nowMs: number): boolean =>
  lastMs === undefined || nowMs - lastMs >= intervalMs || nowMs < lastMs;

class Keeper implements AuditKeeper {
  readonly #deps: AuditKeeperDeps;
  readonly #metrics: AuditMetrics;
  readonly #loop: Loop;
  #subscription: Subscription | undefined;
  /** Looked at anew after every failure, and whenever another process may have been at it. */
  #isSameLog = false;
  #heldUp: string | undefined;
  #headAtMs: number | undefined;
  #told: { readonly atMs: number; readonly seq: bigint } | undefined;
  #trimmedAtMs: number | undefined;

  constructor(deps: AuditKeeperDeps) {
    this.#deps = deps;
    this.#metrics = createAuditMetrics(
      deps.registry,
      createLagReader(() => deps.book.position(), deps.log),
    );
    this.#loop = new Loop({
      round: (signal) => this.#round(signal),
      onFailure: (error) => this.#fail(error),
      logger: deps.logger,
      what: 'audit log',
      idleMs: IDLE_MS,
      restMs: REST_MS,
    });
  }

  start(): void {
    this.#subscription = this.#deps.log.onAppend(() => this.#loop.wake());
    this.#loop.start();
  }

  async stop(): Promise<void> {
    this.#subscription?.unsubscribe();
    await this.#loop.stop();
  }

  partState(): PartState {
    return this.#heldUp === undefined ? { state: 'up' } : { state: 'degraded', reason: this.#heldUp };
  }

  async #round(signal: AbortSignal): Promise<void> {
    const { book, log, clock, isBookkeeper } = this.#deps;
    if (!isBookkeeper()) {
      this.#isSameLog = false;
      this.#heldUp = undefined;
      this.#headAtMs = undefined;
      this.#metrics.head.set(Number.NaN);
      return;
    }
    if (!this.#isSameLog) await book.requireSameLog(log);
    this.#isSameLog = true;
    await book.take(log, signal, {
      clock,
      onTaken: ({ entries }) => {
        this.#metrics.entries.inc(entries);
        this.#headAtMs = undefined;
      },
    });
    this.#heldUp = undefined;
    const nowMs = clock();
    if (isDue(this.#headAtMs, HEAD_INTERVAL_MS, nowMs)) this.#tell(await book.head(), nowMs);
    if (!isDue(this.#trimmedAtMs, TRIM_INTERVAL_MS, nowMs)) return;
    // The last one stays: it shows that the log is still the same.
    await log.trim(await book.position());
    this.#trimmedAtMs = nowMs;
  }

  #tell({ seq, hash }: AuditHead, nowMs: number): void {
    this.#headAtMs = nowMs;
    this.#metrics.head.set(Number(seq));
    if (seq === (this.#told?.seq ?? 0n) || !isDue(this.#told?.atMs, TELL_INTERVAL_MS, nowMs)) return;
    this.#told = { atMs: nowMs, seq };
    this.#deps.logger.info({ head: `${seq}:${hash.toString('hex')}` }, 'head of the audit log');
  }

  #fail(error: unknown): void {
    this.#isSameLog = false;
    this.#heldUp = reasonOf(error);
    this.#metrics.failures.inc();
  }
}

export const createAuditKeeper = (deps: AuditKeeperDeps): AuditKeeper => new Keeper(deps);
