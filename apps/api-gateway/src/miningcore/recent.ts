/** A value that many answers are made of: asked for again when it is older than a moment. */
import type { Clock } from '@otedama/contracts';

/** While it is asked for again the old one is given, for so many moments. */
const STALE_LIVES = 6;

export class Recent<Value> {
  readonly #load: () => Promise<Value>;
  readonly #clock: Clock;
  readonly #lifeMs: number;
  #known: { readonly value: Value; readonly atMs: number } | undefined;
  #loading: Promise<Value> | undefined;

  constructor(load: () => Promise<Value>, clock: Clock, lifeMs: number) {
    this.#load = load;
    this.#clock = clock;
    this.#lifeMs = lifeMs;
  }

  async get(): Promise<Value> {
    const known = this.#known;
    const ageMs = known === undefined ? Number.POSITIVE_INFINITY : Math.abs(this.#clock() - known.atMs);
    if (known !== undefined && ageMs < this.#lifeMs) return known.value;
    // Whoever asks while it is asked for waits for the same; a failure is not kept.
    this.#loading ??= this.#reload();
    if (known === undefined || ageMs >= STALE_LIVES * this.#lifeMs) return this.#loading;
    // Nobody waits for it; a failure shows when the old one is too old.
    void Promise.allSettled([this.#loading]);
    return known.value;
  }

  async #reload(): Promise<Value> {
    const atMs = this.#clock();
    try {
      const value = await this.#load();
      this.#known = { value, atMs };
      return value;
    } finally {
      this.#loading = undefined;
    }
  }
}
