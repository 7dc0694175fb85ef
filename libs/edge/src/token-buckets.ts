/**
 * Token buckets by key, in a map of bounded size: the key unseen for longest is forgotten first, which at worst
 * gives it a full bucket again.
 */
export interface Budget {
  readonly ratePerSecond: number;
  readonly burst: number;
}

/** A refill in many steps is not exactly one in a single step. */
const ROUNDING = 1e-6;

interface Bucket {
  tokens: number;
  atMs: number;
}

export class TokenBuckets {
  readonly #budget: Budget;
  readonly #maxKeys: number;
  /** The longest unseen first. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(budget: Budget, maxKeys: number) {
    this.#budget = budget;
    this.#maxKeys = maxKeys;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** Takes the tokens; 0, or how many milliseconds until there are so many: nothing is taken then. */
  take(key: string, nowMs: number, tokens = 1): number {
    const bucket = this.#refilled(key, nowMs);
    const waitMs = this.#waitMs(bucket.tokens, tokens);
    if (waitMs === 0) bucket.tokens -= tokens;
    return waitMs;
  }

  /** What `take` would say. */
  wait(key: string, nowMs: number, tokens = 1): number {
    const bucket = this.#buckets.get(key);
    return bucket === undefined ? 0 : this.#waitMs(this.#tokensAt(bucket, nowMs), tokens);
  }

  /** Whole tokens that are there. */
  left(key: string, nowMs: number): number {
    const bucket = this.#buckets.get(key);
    const tokens = bucket === undefined ? this.#budget.burst : this.#tokensAt(bucket, nowMs);
    return Math.max(0, Math.floor(tokens + ROUNDING));
  }

  /** Others have taken of the same budget: so many are left, below zero where they took more than there were. */
  level(key: string, nowMs: number, tokens: number): void {
    this.#refilled(key, nowMs).tokens = Math.min(tokens, this.#budget.burst);
  }

  #waitMs(there: number, asked: number): number {
    const missing = asked - there;
    if (missing < ROUNDING) return 0;
    return Math.max(1, Math.ceil((missing * 1_000) / this.#budget.ratePerSecond - ROUNDING));
  }

  #tokensAt({ tokens, atMs }: Bucket, nowMs: number): number {
    const { ratePerSecond, burst } = this.#budget;
    return Math.min(burst, tokens + (Math.max(0, nowMs - atMs) * ratePerSecond) / 1_000);
  }

  #refilled(key: string, nowMs: number): Bucket {
    const bucket = this.#buckets.get(key) ?? { tokens: this.#budget.burst, atMs: nowMs };
    bucket.tokens = this.#tokensAt(bucket, nowMs);
    bucket.atMs = nowMs;
    // Deleted and set again: a Map iterates in insertion order.
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= this.#maxKeys) break;
      this.#buckets.delete(oldest);
    }
    return bucket;
  }
}
