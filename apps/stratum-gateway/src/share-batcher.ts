/**
 * Shares of one pool on their way to the validator: gathered for a millisecond, sent as one batch, answered
 * when the batch is durable. A batch whose fate is unknown is sent again under its own id, so nothing counts
 * twice; after a deadline its shares are undecided, which no miner is ever told as accepted.
 */
import {
  type Clock,
  type Logger,
  ShareBatchBuilder,
  ShareBatchView,
  type ShareValidation,
  Verdict,
  isAccepted,
} from '@otedama/contracts';
import type { Account, ShareOutcome, SubmittedShare } from '@otedama/stratum-v1';
import {
  BATCH_WINDOW_MS,
  DURABLE_DEADLINE_MS,
  MAX_BATCHES_IN_FLIGHT,
  MAX_BATCHES_WAITING,
  RETRY_FIRST_MS,
  RETRY_MAX_MS,
  TALLY_INTERVAL_MS,
} from './limits.ts';
import type { GatewayMetrics } from './metrics.ts';

/** Who waits for the verdict of a share. */
export interface Submitter {
  settle(ticket: number, outcome: ShareOutcome): void;
}

export interface BatcherDeps {
  readonly validation: ShareValidation;
  readonly clock: Clock;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly logger: Logger;
  readonly metrics: GatewayMetrics;
  /** Sockets may be read again. */
  readonly onRelief: () => void;
}

interface Waiting {
  readonly submitter: Submitter;
  readonly ticket: number;
}

interface Batch {
  readonly bytes: Buffer;
  readonly waiting: readonly Waiting[];
}

const BATCH_ID_BYTES = 16;

class BatcherStoppedError extends Error {
  override readonly name = 'BatcherStoppedError';
  readonly code = 'BATCHER_STOPPED';
}

const outcomeOf = (verdict: number): ShareOutcome => {
  if (isAccepted(verdict)) return 'accepted';
  if (verdict === Verdict.lowDifficulty) return 'low-difficulty';
  return verdict === Verdict.unknownJob ? 'unknown-job' : 'unverifiable';
};

export class ShareBatcher {
  readonly #deps: BatcherDeps;
  readonly #poolId: string;
  readonly #builder: ShareBatchBuilder;
  readonly #queue: Batch[] = [];
  readonly #flights = new Set<Promise<void>>();
  #waiting: Waiting[] = [];
  #window: NodeJS.Timeout | undefined;
  #tallyTimer: NodeJS.Timeout | undefined;
  #wasSaturated = false;
  readonly #stopping = new AbortController();
  /** Rejects when the drain runs out of time: a validator that never answers must not hold up the end. */
  readonly #aborted: Promise<never>;

  constructor(deps: BatcherDeps, poolId: string) {
    this.#deps = deps;
    this.#poolId = poolId;
    this.#builder = new ShareBatchBuilder(poolId);
    this.#aborted = new Promise((_resolve, reject) => {
      const { signal } = this.#stopping;
      signal.addEventListener('abort', () => reject(new BatcherStoppedError()), { once: true });
    });
    this.#aborted.catch(() => undefined);
  }

  /** No room: whoever reads sockets stops until `onRelief`. */
  get isSaturated(): boolean {
    const saturated = this.#queue.length >= MAX_BATCHES_WAITING;
    this.#wasSaturated ||= saturated;
    return saturated;
  }

  add(share: SubmittedShare, submitter: Submitter): void {
    if (this.#builder.isFull) this.#close();
    const { account, target, ticket } = share;
    this.#builder.add({
      ...share,
      address: account.address,
      worker: account.worker,
      targetLe: target.targetLe,
      work: target.work,
      receivedAtMs: this.#deps.clock(),
      // Who waits is known by the position in the batch; a fleet of gateways uses the slots.
      connectionSlot: 0,
      requestSlot: ticket,
    });
    this.#waiting.push({ submitter, ticket });
    if (this.#builder.isFull) this.#close();
    else this.#window ??= setTimeout(() => this.#close(), BATCH_WINDOW_MS);
  }

  tally(account: Account): void {
    if (this.#builder.isFull) this.#close();
    this.#builder.tallyRejected(account.address, account.worker, 1);
    this.#tallyTimer ??= setTimeout(() => this.#close(), TALLY_INTERVAL_MS);
  }

  /** Sends what is left and waits for what is in flight, at most until `deadlineMs` from now. */
  async drain(deadlineMs: number): Promise<void> {
    const timer = setTimeout(() => this.#stopping.abort(), deadlineMs);
    // Verdicts make tallies, so there can be one more batch after the last one.
    for (this.#close(); this.#flights.size > 0; this.#close()) await Promise.all(this.#flights);
    clearTimeout(timer);
  }

  #close(): void {
    clearTimeout(this.#window);
    clearTimeout(this.#tallyTimer);
    this.#window = undefined;
    this.#tallyTimer = undefined;
    if (!this.#builder.hasContent) return;
    const id = this.#deps.randomBytes(BATCH_ID_BYTES);
    this.#queue.push({ bytes: this.#builder.close(id, this.#deps.clock()), waiting: this.#waiting });
    this.#waiting = [];
    this.#launch();
  }

  #launch(): void {
    while (this.#flights.size < MAX_BATCHES_IN_FLIGHT) {
      const batch = this.#queue.shift();
      if (batch === undefined) break;
      const flight: Promise<void> = this.#fly(batch).finally(() => {
        this.#flights.delete(flight);
        this.#deps.metrics.batchesInFlight.set({ pool: this.#poolId }, this.#flights.size);
        this.#launch();
      });
      this.#flights.add(flight);
    }
    this.#deps.metrics.batchesInFlight.set({ pool: this.#poolId }, this.#flights.size);
    if (this.#wasSaturated && this.#queue.length < MAX_BATCHES_WAITING) {
      this.#wasSaturated = false;
      this.#deps.onRelief();
    }
  }

  async #fly({ bytes, waiting }: Batch): Promise<void> {
    const judged = await this.#submitUntilDurable(bytes);
    waiting.forEach(({ submitter, ticket }, index) => {
      submitter.settle(ticket, judged === undefined ? 'undecided' : outcomeOf(judged.verdict(index)));
    });
  }

  /** Undefined: the deadline passed, and nobody knows whether the log has it. */
  async #submitUntilDurable(bytes: Buffer): Promise<ShareBatchView | undefined> {
    const { validation, clock, logger, metrics } = this.#deps;
    const startedAtMs = clock();
    const ended = metrics.answerSeconds.startTimer({ pool: this.#poolId });
    for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(2 * waitMs, RETRY_MAX_MS)) {
      try {
        const judged = await Promise.race([validation.submit(bytes), this.#aborted]);
        ended();
        return new ShareBatchView(judged);
      } catch (error) {
        const elapsedMs = clock() - startedAtMs;
        if (elapsedMs > DURABLE_DEADLINE_MS || this.#stopping.signal.aborted) {
          logger.error({ poolId: this.#poolId, error, elapsedMs }, 'a share batch could not be made durable');
          return undefined;
        }
        logger.warn(
          { poolId: this.#poolId, error, elapsedMs },
          'share batch is not durable yet; trying again',
        );
        await pause(waitMs, this.#stopping.signal);
      }
    }
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
