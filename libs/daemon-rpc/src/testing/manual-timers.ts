import type { Timers } from '../timers.ts';

interface Entry {
  readonly dueMs: number;
  readonly fire: () => void;
}

/** Time that only moves when a test says so; timers and clock share it. */
export class ManualTimers implements Timers {
  #nowMs: number;
  readonly #entries = new Set<Entry>();

  constructor(startMs = 1_700_000_000_000) {
    this.#nowMs = startMs;
  }

  readonly clock = (): number => this.#nowMs;

  after(delayMs: number, fire: () => void): () => void {
    const entry = { dueMs: this.#nowMs + delayMs, fire };
    this.#entries.add(entry);
    return () => void this.#entries.delete(entry);
  }

  get pending(): number {
    return this.#entries.size;
  }

  /** Fires everything due within `ms`, in order, letting promises settle after each. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      await settle();
      const due = [...this.#entries].filter((entry) => entry.dueMs <= untilMs);
      const next = due.toSorted((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined) break;
      this.#entries.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.fire();
    }
    this.#nowMs = untilMs;
    await settle();
  }
}

/** Lets every promise that can settle without I/O do so. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve));
};
