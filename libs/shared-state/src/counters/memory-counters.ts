/** Budgets of one process. */
import { type Budget, TokenBuckets } from '@otedama/edge';
import { MAX_COUNTED_KEYS, type RateCounter, type RateCounters } from './rate-counters.ts';

export interface MemoryCountersOptions {
  readonly monotonicMs: () => number;
  readonly maxKeys?: number;
}

export class MemoryCounters implements RateCounters {
  readonly #options: MemoryCountersOptions;

  constructor(options: MemoryCountersOptions) {
    this.#options = options;
  }

  counter(_name: string, budget: Budget): RateCounter {
    const { monotonicMs, maxKeys = MAX_COUNTED_KEYS } = this.#options;
    const buckets = new TokenBuckets(budget, maxKeys);
    return {
      take: (key, tokens) => buckets.take(key, monotonicMs(), tokens),
      wait: (key, tokens) => buckets.wait(key, monotonicMs(), tokens),
      left: (key) => buckets.left(key, monotonicMs()),
    };
  }

  /** There is nobody else. */
  state(): { state: 'up' } {
    return { state: 'up' };
  }

  async close(): Promise<void> {}
}
