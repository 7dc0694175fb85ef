/**
 * Hash rate over a sliding window, from counters that only grow. Samples are taken about once a second; the
 * window is short enough to show a change within half a minute and long enough to be steady.
 */
const WINDOW_MS = 30_000;
const MAX_SAMPLES = 64;

interface Sample {
  readonly atMs: number;
  readonly hashes: bigint;
}

export class HashrateMeter {
  readonly #samples: Sample[] = [];

  sample(hashes: bigint, atMs: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && atMs <= last.atMs) return;
    this.#samples.push({ atMs, hashes });
    // The oldest kept sample is the last one before the window: it is the window's start.
    while (this.#samples.length > MAX_SAMPLES || (this.#samples[1]?.atMs ?? atMs) <= atMs - WINDOW_MS) {
      this.#samples.shift();
    }
  }

  get hashesPerSecond(): number {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || first === last) return 0;
    return (Number(last.hashes - first.hashes) * 1000) / (last.atMs - first.atMs);
  }
}
