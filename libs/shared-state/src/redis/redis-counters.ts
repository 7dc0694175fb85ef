/**
 * Budgets of a fleet. Each process draws from buckets of its own; what was drawn is told to Redis ten times a
 * second and the buckets are levelled to what is left there. While Redis is away each counts for itself.
 */
import { type Budget, TokenBuckets } from '@otedama/edge';
import {
  type CountersState,
  MAX_COUNTED_KEYS,
  type RateCounter,
  type RateCounters,
} from '../counters/rate-counters.ts';
import { type CounterCommands, bucketKey } from './counter-scripts.ts';
import type { RedisLink } from './redis-link.ts';

export interface RedisCountersDeps {
  readonly link: RedisLink;
  readonly monotonicMs: () => number;
}

const SYNC_MS = 100;
/** Of one counter in one round; beyond, a key is counted here alone until the next round. */
const MAX_TOLD_KEYS = 5_000;

class SharedBuckets implements RateCounter {
  readonly name: string;
  readonly budget: Budget;
  readonly buckets: TokenBuckets;
  readonly #monotonicMs: () => number;
  readonly #onDrawn: () => void;
  /** By key, not told yet. */
  drawn = new Map<string, number>();

  constructor(name: string, budget: Budget, monotonicMs: () => number, onDrawn: () => void) {
    this.name = name;
    this.budget = budget;
    this.buckets = new TokenBuckets(budget, MAX_COUNTED_KEYS);
    this.#monotonicMs = monotonicMs;
    this.#onDrawn = onDrawn;
  }

  take(key: string, tokens = 1): number {
    const waitMs = this.buckets.take(key, this.#monotonicMs(), tokens);
    if (waitMs > 0) return waitMs;
    const drawn = this.drawn.get(key);
    if (drawn !== undefined || this.drawn.size < MAX_TOLD_KEYS) this.drawn.set(key, (drawn ?? 0) + tokens);
    this.#onDrawn();
    return 0;
  }

  wait(key: string, tokens = 1): number {
    return this.buckets.wait(key, this.#monotonicMs(), tokens);
  }

  left(key: string): number {
    return this.buckets.left(key, this.#monotonicMs());
  }
}

export class RedisCounters implements RateCounters {
  readonly #deps: RedisCountersDeps;
  readonly #shared: SharedBuckets[] = [];
  #timer: NodeJS.Timeout | undefined;
  #syncing: Promise<void> | undefined;

  constructor(deps: RedisCountersDeps) {
    this.#deps = deps;
  }

  counter(name: string, budget: Budget): RateCounter {
    const shared = new SharedBuckets(name, budget, this.#deps.monotonicMs, () => this.#soon());
    this.#shared.push(shared);
    return shared;
  }

  state(): CountersState {
    return this.#deps.link.state();
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#syncing;
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => this.#sync(), SYNC_MS).unref();
  }

  #sync(): void {
    this.#timer = undefined;
    if (this.#syncing !== undefined) {
      this.#soon();
      return;
    }
    this.#syncing = this.#levelAll().finally(() => {
      this.#syncing = undefined;
    });
  }

  async #levelAll(): Promise<void> {
    try {
      await Promise.all(this.#shared.map((shared) => this.#level(shared)));
    } catch (error) {
      this.#deps.link.fail(error);
    }
  }

  async #level(shared: SharedBuckets): Promise<void> {
    const { link, monotonicMs } = this.#deps;
    const told = shared.drawn;
    shared.drawn = new Map();
    // Without Redis nobody is told: what was drawn meanwhile is nobody's debt later.
    if (!link.isUp || told.size === 0) return;
    const { ratePerSecond, burst } = shared.budget;
    const pipeline = link.redis.pipeline();
    for (const [key, drawn] of told) {
      (pipeline as unknown as CounterCommands).drawTokens(
        bucketKey(shared.name, key),
        drawn,
        ratePerSecond,
        burst,
      );
    }
    const results = (await pipeline.exec()) ?? [];
    const nowMs = monotonicMs();
    for (const [at, key] of [...told.keys()].entries()) {
      const [error, left] = results[at] ?? [new Error('no answer'), undefined];
      if (error !== null) throw error;
      shared.buckets.level(key, nowMs, Number(left) - (shared.drawn.get(key) ?? 0));
    }
  }
}
