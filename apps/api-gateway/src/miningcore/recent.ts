/** A value that many answers are made of: asked for again only when it is older than a moment. */
import type { Clock } from '@otedama/contracts';

export class Recent<Value> {
  readonly #load: () => Promise<Value>;
  readonly #clock: Clock;
  readonly #lifeMs: number;
  #value: Promise<Value> | undefined;
  #askedAtMs = 0;

  constructor(load: () => Promise<Value>, clock: Clock, lifeMs: number) {
    this.#load = load;
    this.#clock = clock;
    this.#lifeMs = lifeMs;
  }

  /** Whoever asks while it is asked for waits for the same; a failure is not kept. */
  async get(): Promise<Value> {
    const nowMs = this.#clock();
    if (this.#value === undefined || nowMs - this.#askedAtMs >= this.#lifeMs || nowMs < this.#askedAtMs) {
      this.#askedAtMs = nowMs;
      this.#value = this.#load();
    }
    const asked = this.#value;
    try {
      return await asked;
    } catch (error) {
      if (this.#value === asked) this.#value = undefined;
      throw error;
    }
  }
}
