/** Time that moves only when the test says so. */
import type { Timers } from '../timers.ts';

export class ManualTime implements Timers {
  now = 1_700_000_000_000;
  #pending: { readonly atMs: number; readonly fire: () => void }[] = [];

  after(delayMs: number, fire: () => void): () => void {
    const timer = { atMs: this.now + delayMs, fire };
    this.#pending.push(timer);
    return () => {
      this.#pending = this.#pending.filter((other) => other !== timer);
    };
  }

  advance(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const due = this.#pending.filter(({ atMs }) => atMs <= end).sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.#pending = this.#pending.filter((other) => other !== due);
      this.now = Math.max(this.now, due.atMs);
      due.fire();
    }
    this.now = end;
  }
}
