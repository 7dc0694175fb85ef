/** Counts on the path of every share, where a labelled increment would cost a microsecond: added up when asked for. */
import { Counter, type Registry } from 'prom-client';

/** Of one pool. */
export interface PoolShares {
  add(result: string): void;
}

class Tally implements PoolShares {
  readonly #counts = new Map<string, number>();

  add(result: string): void {
    this.#counts.set(result, (this.#counts.get(result) ?? 0) + 1);
  }

  /** Tells what has come since it last did. */
  flush(tell: (result: string, count: number) => void): void {
    for (const [result, count] of this.#counts) tell(result, count);
    this.#counts.clear();
  }
}

export class ShareCounts {
  readonly #pools = new Map<string, Tally>();

  constructor(registry: Registry) {
    const pools = this.#pools;
    const counter = new Counter({
      name: 'otedama_gateway_shares_total',
      help: 'Shares by their final word: accepted, or the reason of the reject.',
      labelNames: ['pool', 'result'],
      registers: [registry],
      collect() {
        for (const [pool, tally] of pools)
          tally.flush((result, count) => counter.inc({ pool, result }, count));
      },
    });
  }

  of(pool: string): PoolShares {
    const tally = this.#pools.get(pool) ?? new Tally();
    this.#pools.set(pool, tally);
    return tally;
  }
}
