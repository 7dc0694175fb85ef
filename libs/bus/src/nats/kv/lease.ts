/**
 * Leadership: at most one holder of a key at any time. Nobody compares the clocks of two machines. The holder
 * renews, and steps down by its own clock before its time is over; a candidate takes over when, by its own
 * clock, it has seen no new revision for the whole time. Between the two every write is compare and set.
 */
import { randomBytes } from 'node:crypto';
import { LEASES_BUCKET, type Logger, type Subscription } from '@otedama/contracts';
import type { NatsLink } from '../connection.ts';
import { Bucket, type BucketEntry } from './bucket.ts';

export interface LeaseDeps {
  readonly link: NatsLink;
  readonly logger: Logger;
  /** Milliseconds of a clock that only goes forward. */
  readonly monotonicMs?: () => number;
}

export interface LeaseOptions {
  readonly key: string;
  /** Who holds it, for people; need not be unique. */
  readonly holder: string;
  readonly ttlMs?: number;
}

export interface LeaseEvents {
  onGain?(): void;
  /** No longer the holder: said before anybody else can be. */
  onLoss?(): void;
}

export interface Lease {
  /** By the clock of this moment, also when the event loop was held up. */
  isHeld(): boolean;
  /** Gives it back, so that a successor need not wait. */
  stop(): Promise<void>;
}

const DEFAULT_TTL_MS = 1_200;
const RENEWALS_PER_TTL = 3;
/** Of the time, after which the holder stands down: the rest is for its timer being late. */
const SAFE_PART = 0.9;
/** After a failed attempt, of the time. */
const RETRY_PART = 0.1;
/** Keeps candidates from all trying in the same instant. */
const JITTER_MS = 40;

class HeldKey implements Lease {
  readonly #deps: Required<LeaseDeps>;
  readonly #events: LeaseEvents;
  readonly #key: string;
  readonly #ttlMs: number;
  readonly #value: Buffer;
  readonly #jitterMs = Math.random() * JITTER_MS;
  readonly #bucket: Bucket;
  readonly #watching: Subscription;
  readonly #state: Subscription;
  /** As last seen, and since when it has been so; undefined: not known. */
  #seen: { readonly entry: BucketEntry | undefined; readonly sinceMs: number } | undefined;
  #heldUntilMs = 0;
  #isLeader = false;
  #stopped = false;
  #expiry: NodeJS.Timeout | undefined;
  #next: NodeJS.Timeout | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(deps: LeaseDeps, { key, holder, ttlMs = DEFAULT_TTL_MS }: LeaseOptions, events: LeaseEvents) {
    this.#deps = { monotonicMs: () => performance.now(), ...deps };
    this.#events = events;
    this.#key = key;
    this.#ttlMs = ttlMs;
    // Unique, so that a holder knows its own write again when the acknowledgement was lost.
    this.#value = Buffer.from(JSON.stringify({ holder, id: randomBytes(8).toString('hex') }), 'utf8');
    this.#bucket = new Bucket(deps.link, LEASES_BUCKET, Math.ceil(ttlMs / RENEWALS_PER_TTL));
    this.#watching = this.#bucket.watch(key, (entry) => this.#onChange(entry));
    this.#state = deps.link.onState(({ state }) => {
      // What happened meanwhile was not heard.
      if (!this.#isLeader) this.#seen = undefined;
      if (state === 'up') this.#plan(0);
    });
  }

  isHeld(): boolean {
    return this.#isLeader && this.#deps.monotonicMs() < this.#heldUntilMs;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#next);
    this.#watching.unsubscribe();
    this.#state.unsubscribe();
    await this.#working;
    const mine = this.#isLeader ? this.#seen?.entry : undefined;
    this.#lose();
    if (mine === undefined || this.#deps.link.state().state === 'down') return;
    // Where it fails, the successor waits for the time to pass.
    await this.#bucket
      .delete(this.#key, mine.revision)
      .catch((error: unknown) =>
        this.#deps.logger.debug({ key: this.#key, error }, 'a lease was not given back'),
      );
  }

  #isMine(entry: BucketEntry | undefined): boolean {
    return entry !== undefined && this.#value.equals(entry.value);
  }

  #onChange(entry: BucketEntry | undefined): void {
    // The holder's own writes tell it their revision themselves.
    if (this.#isLeader || this.#stopped) return;
    this.#see(entry);
    this.#plan(this.#waitMs());
  }

  #see(entry: BucketEntry | undefined): void {
    const isSame = this.#seen !== undefined && this.#seen.entry?.revision === entry?.revision;
    if (!isSame) this.#seen = { entry, sinceMs: this.#deps.monotonicMs() };
  }

  /** Until the key may be taken. */
  #waitMs(): number {
    if (this.#seen === undefined || this.#seen.entry === undefined || this.#isMine(this.#seen.entry))
      return 0;
    return this.#seen.sinceMs + this.#ttlMs - this.#deps.monotonicMs() + this.#jitterMs;
  }

  #plan(waitMs: number): void {
    clearTimeout(this.#next);
    if (this.#stopped) return;
    this.#next = setTimeout(() => this.#run(), Math.max(0, waitMs));
  }

  /** One step at a time: a step that is under way plans the next one. */
  #run(): void {
    this.#working = this.#working.then(() => this.#work());
  }

  async #work(): Promise<void> {
    if (this.#stopped || this.#deps.link.state().state === 'down') return;
    try {
      this.#plan(await this.#step());
    } catch (error) {
      this.#deps.logger.debug({ key: this.#key, error }, 'a lease could not be asked for');
      this.#plan(this.#ttlMs * RETRY_PART);
    }
  }

  /** Returns how long to wait before the next one. */
  async #step(): Promise<number> {
    if (this.#seen === undefined) this.#see(await this.#bucket.get(this.#key));
    const waitMs = this.#isLeader ? 0 : this.#waitMs();
    if (waitMs > 0) return waitMs;
    const sentAtMs = this.#deps.monotonicMs();
    const revision = await this.#bucket.set(this.#key, this.#value, this.#seen?.entry?.revision);
    if (revision === undefined) return this.#onConflict();
    this.#seen = { entry: { value: this.#value, revision }, sinceMs: sentAtMs };
    this.#hold(sentAtMs + this.#ttlMs * SAFE_PART);
    return this.#ttlMs / RENEWALS_PER_TTL;
  }

  /** Somebody else has it, or our own last write arrived and its acknowledgement did not. */
  async #onConflict(): Promise<number> {
    const entry = await this.#bucket.get(this.#key);
    this.#see(entry);
    if (!this.#isMine(entry)) this.#lose();
    return this.#waitMs();
  }

  #hold(untilMs: number): void {
    const leftMs = untilMs - this.#deps.monotonicMs();
    // An acknowledgement that comes after its time gives nothing.
    if (leftMs <= 0 || this.#stopped) return;
    this.#heldUntilMs = untilMs;
    clearTimeout(this.#expiry);
    this.#expiry = setTimeout(() => this.#lose(), leftMs);
    if (this.#isLeader) return;
    this.#isLeader = true;
    this.#deps.logger.info({ key: this.#key }, 'lease gained');
    this.#events.onGain?.();
  }

  #lose(): void {
    clearTimeout(this.#expiry);
    if (!this.#isLeader) return;
    this.#isLeader = false;
    this.#deps.logger.info({ key: this.#key }, 'lease lost');
    this.#events.onLoss?.();
  }
}

export const createLease = (deps: LeaseDeps, options: LeaseOptions, events: LeaseEvents = {}): Lease =>
  new HeldKey(deps, options, events);
