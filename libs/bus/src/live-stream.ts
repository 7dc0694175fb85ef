/** The live stream of one process: the same promises as the fleet's, kept by an array. */
import type { LiveEntry, LiveReader, LiveStream, Subscription } from '@otedama/contracts';

export interface LiveStreamLimits {
  readonly maxAgeMs: number;
  readonly maxBytes: number;
}

/** Longer than a page is away that means to come back; the bytes are those of some thousand viewers' topics. */
export const LIVE_LIMITS: LiveStreamLimits = { maxAgeMs: 5 * 60_000, maxBytes: 32 * 1024 * 1024 };

interface Kept extends LiveEntry {
  readonly topic: string;
  readonly atMs: number;
}

class MemoryStream implements LiveStream {
  readonly #limits: LiveStreamLimits;
  readonly #monotonicMs: () => number;
  /** In their order; a `Map`, so that the oldest goes at no cost. */
  readonly #kept = new Map<number, Kept>();
  readonly #last = new Map<string, number>();
  readonly #readers = new Set<LiveReader>();
  #bytes = 0;
  #seq = 0;

  constructor(limits: LiveStreamLimits, monotonicMs: () => number) {
    this.#limits = limits;
    this.#monotonicMs = monotonicMs;
  }

  append(topic: string, after: number, payload: Buffer): Promise<number | undefined> {
    this.#forget();
    // What was the last message may be forgotten by now, and then nobody was faster.
    if ((this.#last.get(topic) ?? after) !== after) return Promise.resolve(undefined);
    this.#seq += 1;
    const entry = { topic, seq: this.#seq, payload, atMs: this.#monotonicMs() };
    this.#kept.set(entry.seq, entry);
    this.#last.set(topic, entry.seq);
    this.#bytes += payload.length;
    for (const reader of this.#readers) reader.onEntry(entry);
    return Promise.resolve(entry.seq);
  }

  follow(reader: LiveReader): Subscription {
    this.#forget();
    for (const entry of this.#kept.values()) reader.onEntry(entry);
    this.#readers.add(reader);
    return { unsubscribe: () => void this.#readers.delete(reader) };
  }

  #forget(): void {
    const beforeMs = this.#monotonicMs() - this.#limits.maxAgeMs;
    for (const { seq, topic, payload, atMs } of this.#kept.values()) {
      if (atMs >= beforeMs && this.#bytes <= this.#limits.maxBytes) return;
      this.#kept.delete(seq);
      this.#bytes -= payload.length;
      if (this.#last.get(topic) === seq) this.#last.delete(topic);
    }
  }
}

export const createLiveStream = (
  limits: LiveStreamLimits = LIVE_LIMITS,
  monotonicMs: () => number = () => performance.now(),
): LiveStream => new MemoryStream(limits, monotonicMs);
