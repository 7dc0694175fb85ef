/**
 * Shares of one pool on their way to the validator: gathered for a millisecond or for as long as an earlier batch
 * is under way, sent as one batch, answered when the batch is durable. A batch whose fate is unknown is sent again under its own id, so nothing counts
 * twice; after a deadline, also one of silence, its shares are undecided, which no miner is told as accepted.
 */
import { setTimeout as pause } from 'node:timers/promises';
import {
  type Clock,
  type Logger,
  ShareBatchBuilder,
  ShareBatchView,
  type ShareValidation,
  Verdict,
  isAccepted,
} from '@otedama/contracts';
import type { Account, ShareOutcome, SubmittedShare } from '@otedama/stratum';
import type { BatchTimes } from './batch-times.ts';
import type { GatewayLimits } from './limits.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { PoolTraces } from './pool-traces.ts';

/** Who waits for the verdict of a share. */
export interface Submitter {
  settle(ticket: number, outcome: ShareOutcome): void;
}

export interface BatcherDeps {
  readonly validation: ShareValidation;
  readonly clock: Clock;
  readonly monotonicMs: () => number;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly logger: Logger;
  readonly metrics: GatewayMetrics;
  readonly traces: PoolTraces;
  /** There is room; called often, also when nobody was held up. */
  readonly onRelief: () => void;
}

export interface BatcherOptions {
  readonly poolId: string;
  readonly limits: GatewayLimits;
}

interface Waiting {
  readonly submitter: Submitter;
  readonly ticket: number;
}

interface Batch {
  readonly bytes: Buffer;
  readonly waiting: readonly Waiting[];
  /** Of its first share; meaningless without one. */
  readonly readAtMs: number;
  readonly closedAtMs: number;
}

interface Flight {
  readonly giveUp: AbortController;
  readonly landed: Promise<void>;
  /** Makes room for others, and goes on. */
  isStuck: boolean;
}

const BATCH_ID_BYTES = 16;

class BatchFlightError extends Error {
  override readonly name = 'BatchFlightError';
  readonly code: 'GAVE_UP' | 'OTHER_BATCH';

  constructor(code: BatchFlightError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

const outcomeOf = (verdict: number): ShareOutcome => {
  if (isAccepted(verdict)) return 'accepted';
  if (verdict === Verdict.lowDifficulty) return 'low-difficulty';
  return verdict === Verdict.unknownJob ? 'unknown-job' : 'unverifiable';
};

const batchIdOf = ({ bytes }: Batch): string => new ShareBatchView(bytes).batchId.toString('hex');

/** Rejects when it is time to give up. One for each flight: a race against a promise that lives on keeps its loser. */
const givingUp = (signal: AbortSignal): Promise<never> => {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(new BatchFlightError('GAVE_UP', 'out of time'));
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  // A flight that is over by then has nobody who listens.
  promise.catch(() => undefined);
  return promise;
};

export class ShareBatcher {
  readonly #deps: BatcherDeps;
  readonly #options: BatcherOptions;
  readonly #times: BatchTimes;
  readonly #builder: ShareBatchBuilder;
  readonly #queue: Batch[] = [];
  readonly #flights = new Set<Flight>();
  /** Of the flights. */
  #stuck = 0;
  #waiting: Waiting[] = [];
  #readAtMs = 0;
  #window: NodeJS.Timeout | undefined;
  /** The window is over; what has been gathered leaves as soon as the batches in flight let it. */
  #isDue = false;
  #tallyTimer: NodeJS.Timeout | undefined;
  /** Set while the lane rests. */
  #rest: NodeJS.Timeout | undefined;
  #draining = false;
  /** A drain has used up its time. */
  #late = false;

  constructor(deps: BatcherDeps, options: BatcherOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#times = deps.metrics.batchTimes(options.poolId);
    this.#builder = new ShareBatchBuilder(options.poolId);
  }

  /** No room: whoever reads sockets stops until `onRelief`. */
  get isSaturated(): boolean {
    return this.#queue.length >= this.#options.limits.maxBatchesWaiting;
  }

  /** Batches that were sent and have no verdicts. */
  get inFlight(): number {
    return this.#flights.size;
  }

  /** Batches that are closed and were not sent. */
  get batchesWaiting(): number {
    return this.#queue.length;
  }

  get #isFull(): boolean {
    return this.#builder.isFull || this.#builder.count >= this.#options.limits.maxBatchShares;
  }

  add(share: SubmittedShare, submitter: Submitter): void {
    if (this.#builder.isFull) this.#close();
    const { account, target, ticket, mix } = share;
    if (this.#waiting.length === 0) this.#readAtMs = this.#deps.monotonicMs();
    this.#builder.add({
      jobKey: share.jobKey,
      address: account.address,
      worker: account.worker,
      nTime: share.nTime,
      nonce: share.nonce,
      version: share.version,
      extranonce: share.extranonce,
      ...(mix === undefined ? undefined : { mix }),
      targetLe: target.targetLe,
      work: target.work,
      receivedAtMs: this.#deps.clock(),
      // Who waits is known by the position in the batch; a fleet of gateways uses the slots.
      connectionSlot: 0,
      requestSlot: ticket,
    });
    this.#waiting.push({ submitter, ticket });
    if (this.#isFull) this.#close();
    else this.#window ??= setTimeout(() => this.#fallDue(), this.#options.limits.batchWindowMs);
  }

  tally(account: Account): void {
    if (this.#builder.isFull) this.#close();
    this.#builder.tallyRejected(account.address, account.worker, 1);
    this.#awaitTallies();
  }

  /** Sends what is left and waits for what is in flight, at most for `deadlineMs`. */
  async drain(deadlineMs: number): Promise<void> {
    this.#draining = true;
    this.#endRest();
    this.#launch();
    const timer = setTimeout(() => {
      this.#late = true;
      for (const { giveUp } of this.#flights) giveUp.abort();
    }, deadlineMs);
    // Verdicts make tallies, so there can be one more batch after the last one.
    for (this.#close(); this.#flights.size > 0; this.#close()) {
      await Promise.all(Array.from(this.#flights, ({ landed }) => landed));
    }
    clearTimeout(timer);
  }

  /** Tallies alone are in no hurry: while the log is away they must not take the places of shares. */
  #awaitTallies(): void {
    this.#tallyTimer ??= setTimeout(() => {
      this.#tallyTimer = undefined;
      if (this.#flights.size === 0) this.#close();
      else this.#awaitTallies();
    }, this.#options.limits.tallyIntervalMs);
  }

  #fallDue(): void {
    const { maxGatherMs, stuckGatherMs } = this.#options.limits;
    this.#isDue = true;
    this.#closeIfDue();
    const gatherMs = this.#hasManyStuck ? stuckGatherMs : maxGatherMs;
    if (this.#isDue) this.#window = setTimeout(() => this.#close(), gatherMs);
  }

  #closeIfDue(): void {
    if (!this.#isDue || this.#hasManyStuck) return;
    if (this.#flights.size - this.#stuck < this.#options.limits.maxPartialInFlight) this.#close();
  }

  get #hasManyStuck(): boolean {
    return this.#stuck >= this.#options.limits.manyStuck;
  }

  get #hasRoom(): boolean {
    const { maxBatchesInFlight, maxFlights } = this.#options.limits;
    const { size } = this.#flights;
    return this.#rest === undefined && size - this.#stuck < maxBatchesInFlight && size < maxFlights;
  }

  #close(): void {
    this.#isDue = false;
    clearTimeout(this.#window);
    clearTimeout(this.#tallyTimer);
    this.#window = undefined;
    this.#tallyTimer = undefined;
    if (!this.#builder.hasContent) return;
    const id = this.#deps.randomBytes(BATCH_ID_BYTES);
    const [bytes, closedAtMs] = [this.#builder.close(id, this.#deps.clock()), this.#deps.monotonicMs()];
    this.#queue.push({ bytes, waiting: this.#waiting, readAtMs: this.#readAtMs, closedAtMs });
    if (this.#waiting.length > 0) this.#times.gathered.observe((closedAtMs - this.#readAtMs) / 1000);
    this.#waiting = [];
    this.#launch();
  }

  #launch(): void {
    while (this.#hasRoom) {
      const batch = this.#queue.shift();
      if (batch === undefined) break;
      const giveUp = new AbortController();
      // Even a late batch goes out once, it may hold a block.
      if (this.#late) giveUp.abort();
      const launchedMs = this.#deps.clock();
      const getStuck = setTimeout(() => {
        flight.isStuck = true;
        this.#stuck += 1;
        this.#launch();
      }, this.#options.limits.stuckAfterMs);
      const landed = this.#fly(batch, giveUp).finally(() => {
        clearTimeout(getStuck);
        this.#flights.delete(flight);
        if (flight.isStuck) this.#stuck -= 1;
        this.#takeRest(this.#deps.clock() - launchedMs);
        this.#launch();
        this.#closeIfDue();
      });
      const flight: Flight = { giveUp, landed, isStuck: false };
      this.#flights.add(flight);
    }
    if (!this.isSaturated) this.#deps.onRelief();
  }

  #takeRest(flightMs: number): void {
    const { restRatio, maxRestMs } = this.#options.limits;
    if (restRatio === 0 || this.#draining) return;
    clearTimeout(this.#rest);
    // The clock of the system can jump.
    const restMs = Math.min(Math.max(restRatio * flightMs, 0), maxRestMs);
    this.#rest = setTimeout(() => {
      this.#endRest();
      this.#launch();
    }, restMs);
  }

  #endRest(): void {
    clearTimeout(this.#rest);
    this.#rest = undefined;
  }

  async #fly(batch: Batch, giveUp: AbortController): Promise<void> {
    const deadline = setTimeout(() => giveUp.abort(), this.#options.limits.durableDeadlineMs);
    const sentAtMs = this.#deps.monotonicMs();
    const judged = await this.#submitUntilDurable(batch, giveUp.signal);
    clearTimeout(deadline);
    const durableAtMs = this.#deps.monotonicMs();
    batch.waiting.forEach(({ submitter, ticket }, index) => {
      submitter.settle(ticket, judged === undefined ? 'undecided' : outcomeOf(judged.verdict(index)));
    });
    this.#deps.traces.landed(batch, sentAtMs, judged);
    if (judged === undefined || batch.waiting.length === 0) return;
    this.#times.queued.observe((sentAtMs - batch.closedAtMs) / 1000);
    this.#times.durable.observe((durableAtMs - sentAtMs) / 1000);
    // The replies leave in a microtask that the first of them has asked for.
    queueMicrotask(() => this.#observeAnswer(batch, durableAtMs));
  }

  #observeAnswer({ readAtMs }: Batch, durableAtMs: number): void {
    const nowMs = this.#deps.monotonicMs();
    this.#times.answered.observe((nowMs - durableAtMs) / 1000);
    this.#times.whole.observe((nowMs - readAtMs) / 1000);
  }

  /** Undefined: the deadline passed, and nobody knows whether the log has it. */
  async #submitUntilDurable(batch: Batch, signal: AbortSignal): Promise<ShareBatchView | undefined> {
    const { logger, metrics } = this.#deps;
    const { poolId, limits } = this.#options;
    const gaveUp = givingUp(signal);
    let waitMs: number = limits.retryFirstMs;
    do {
      try {
        return await Promise.race([this.#submit(batch), gaveUp]);
      } catch (error) {
        if (!signal.aborted)
          logger.warn(
            { poolId, batchId: batchIdOf(batch), error },
            'share batch is not durable yet; trying again',
          );
      }
      if (!signal.aborted) metrics.batchRetries.inc({ pool: poolId });
      // It rejects for no other reason than the signal, which the loop looks at.
      await pause(waitMs, undefined, { signal }).catch(() => undefined);
      waitMs = Math.min(2 * waitMs, limits.retryMaxMs);
    } while (!signal.aborted);
    metrics.batchesGivenUp.inc({ pool: poolId });
    logger.error(
      { poolId, batchId: batchIdOf(batch), shares: batch.waiting.length },
      'a share batch could not be made durable',
    );
    return undefined;
  }

  async #submit({ bytes, waiting }: Batch): Promise<ShareBatchView> {
    const sent = new ShareBatchView(bytes);
    const judged = new ShareBatchView(await this.#deps.validation.submit(bytes));
    // Verdicts are found by position: those of another batch would be told to the wrong miners.
    if (judged.count !== waiting.length || !judged.batchId.equals(sent.batchId)) {
      throw new BatchFlightError('OTHER_BATCH', 'the verdicts are of another batch');
    }
    return judged;
  }
}
