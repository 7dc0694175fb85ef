/**
 * Does something at fixed times, whether or not the last one has come back, and keeps how long each took: a server
 * that stalls does not stop those who come to it, and each of them waits.
 */
import { summarise } from '../../apps/cli/src/bench/statistics.ts';

/** Undefined when all went well; else what went wrong, in few words that repeat. */
export type Task = () => Promise<string | undefined>;

export interface Figures {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
  readonly faults: Readonly<Record<string, number>>;
}

/** Longer than any honest answer takes, however busy the machine is. */
const TIMEOUT_MS = 15_000;

class Window {
  readonly #waitsMs: number[] = [];
  readonly #faults: Record<string, number> = {};
  readonly #running = new Set<Promise<void>>();

  start(task: Task): void {
    const running = this.#measure(task).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async end(): Promise<Figures> {
    await Promise.all(this.#running);
    const { count, p50, p99, max } = summarise(this.#waitsMs);
    return { count, p50Ms: p50, p99Ms: p99, worstMs: max, faults: { ...this.#faults } };
  }

  async #measure(task: Task): Promise<void> {
    const beganMs = performance.now();
    const { promise: tooLate, resolve } = Promise.withResolvers<string>();
    const timer = setTimeout(() => resolve('no answer'), TIMEOUT_MS);
    const fault = await Promise.race([task(), tooLate]);
    clearTimeout(timer);
    this.#waitsMs.push(performance.now() - beganMs);
    if (fault !== undefined) this.#faults[fault] = (this.#faults[fault] ?? 0) + 1;
  }
}

export class Paced {
  #window = new Window();
  readonly #timer: NodeJS.Timeout;

  constructor(everyMs: number, task: Task) {
    this.#timer = setInterval(() => this.#window.start(task), everyMs);
  }

  /** Forgets what was before. */
  begin(): void {
    this.#window = new Window();
  }

  /** Everything that was begun since, when all of it has ended. */
  async end(): Promise<Figures> {
    const window = this.#window;
    this.#window = new Window();
    return window.end();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
