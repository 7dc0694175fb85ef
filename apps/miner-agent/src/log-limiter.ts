/**
 * What a pool can make us say over and over, said once a minute. Keys come from closed sets (kinds of message,
 * configured pools), never from remote text, so that the table cannot grow.
 */
import type { Clock } from '@otedama/contracts';

const INTERVAL_MS = 60_000;

interface Said {
  readonly atMs: number;
  suppressed: number;
}

export class LogLimiter {
  readonly #clock: Clock;
  readonly #said = new Map<string, Said>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `say` with how often it was kept back since the last time, or counts that it is kept back. */
  once(key: string, say: (suppressed: number) => void): void {
    const now = this.#clock();
    const last = this.#said.get(key);
    if (last !== undefined && Math.abs(now - last.atMs) < INTERVAL_MS) {
      last.suppressed += 1;
      return;
    }
    this.#said.set(key, { atMs: now, suppressed: 0 });
    say(last?.suppressed ?? 0);
  }
}
