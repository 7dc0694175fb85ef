/**
 * What the services answer, for all topics: each question is asked once for all who want to know at the same time,
 * and its answer is as fresh as what it costs allows. Bounded, as miners ask by addresses of their choice.
 */
import type { Clock } from '@otedama/contracts';

interface Reading {
  readonly atMs: number;
  readonly value: Promise<unknown>;
}

/** Far above what is read within the longest time that an answer is kept. */
const MAX_READINGS = 4_096;

export class Readings {
  readonly #clock: Clock;
  readonly #kept = new Map<string, Reading>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** An answer that failed is not kept. */
  get<Value>(question: string, maxAgeMs: number, ask: () => Promise<Value>): Promise<Value> {
    const nowMs = this.#clock();
    const known = this.#kept.get(question);
    if (known !== undefined && nowMs - known.atMs < maxAgeMs && nowMs >= known.atMs) {
      return known.value as Promise<Value>;
    }
    const value = ask();
    this.#kept.delete(question);
    this.#kept.set(question, { atMs: nowMs, value });
    value.catch(() => {
      if (this.#kept.get(question)?.value === value) this.#kept.delete(question);
    });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MAX_READINGS) break;
      this.#kept.delete(oldest);
    }
    return value;
  }
}
