/** A warning that peers can bring about as often as they like: told at most once in a while, with how often it was. */
export class Seldom {
  readonly #monotonicMs: () => number;
  readonly #intervalMs: number;
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #times = 0;

  constructor(monotonicMs: () => number, intervalMs: number) {
    this.#monotonicMs = monotonicMs;
    this.#intervalMs = intervalMs;
  }

  /** Calls with the number of times since it last did, or not now. */
  tell(say: (times: number) => void): void {
    this.#times += 1;
    const nowMs = this.#monotonicMs();
    if (nowMs - this.#toldAtMs < this.#intervalMs) return;
    this.#toldAtMs = nowMs;
    say(this.#times);
    this.#times = 0;
  }
}
