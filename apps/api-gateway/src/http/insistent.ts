/**
 * Addresses that are told to slow down and do not: for some seconds what they send is not even read. Whoever slows down
 * as it is told is never one of them.
 */
import { TokenBuckets, clientKey } from '@otedama/edge';

/** Refusals that an address may cause: a page that asks for a dozen things at once has some, again and again. */
const REFUSALS = { ratePerSecond: 5, burst: 100 };
const SHUT_OUT_MS = 10_000;
/** Of each kind; the longest known goes first. */
const MAX_ADDRESSES = 10_000;

export class Insistent {
  readonly #refusals = new TokenBuckets(REFUSALS, MAX_ADDRESSES);
  /** Until when, the first to end first: each is out for as long as the others. */
  readonly #out = new Map<string, number>();
  readonly #monotonicMs: () => number;

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  get size(): number {
    this.#forget(this.#monotonicMs());
    return this.#out.size;
  }

  /** A request from there was refused for being one too many. */
  noteRefusal(address: string): void {
    const key = clientKey(address);
    const nowMs = this.#monotonicMs();
    if (this.#out.has(key) || this.#refusals.take(key, nowMs) === 0) return;
    this.#forget(nowMs);
    const [oldest] = this.#out.keys();
    if (this.#out.size >= MAX_ADDRESSES && oldest !== undefined) this.#out.delete(oldest);
    this.#out.set(key, nowMs + SHUT_OUT_MS);
  }

  isOut(address: string): boolean {
    const key = clientKey(address);
    const untilMs = this.#out.get(key);
    if (untilMs === undefined) return false;
    if (untilMs > this.#monotonicMs()) return true;
    this.#out.delete(key);
    return false;
  }

  #forget(nowMs: number): void {
    for (const [key, untilMs] of this.#out) {
      if (untilMs > nowMs) return;
      this.#out.delete(key);
    }
  }
}
