/**
 * The newest entries of a log, as whoever appends them still has them: a reader that keeps up needs no database.
 * It holds everything that was stored between its first and its last entry, or nothing.
 */
import type { LogEntry } from '@otedama/contracts';

export interface TailLimits {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

export class Tail {
  readonly #limits: TailLimits;
  #entries: LogEntry[] = [];
  /** Entries before this place in `#entries` are forgotten already; they leave it by and by. */
  #first = 0;
  #bytes = 0;

  constructor(limits: TailLimits) {
    this.#limits = limits;
  }

  /** The entry that was stored next after the last one that was added, by the one who stores. */
  add(entry: LogEntry): void {
    this.#entries.push(entry);
    this.#bytes += entry.payload.length;
    while (this.#size > this.#limits.maxEntries || this.#bytes > this.#limits.maxBytes) {
      this.#bytes -= this.#entries[this.#first++]?.payload.length ?? 0;
    }
    if (this.#first <= this.#limits.maxEntries) return;
    this.#entries = this.#entries.slice(this.#first);
    this.#first = 0;
  }

  /** Somebody else may have stored something, or we do not know whether we have, or entries are taken away. */
  forget(): void {
    this.#entries = [];
    this.#first = 0;
    this.#bytes = 0;
  }

  /** Entries after `after`, in order, at most `limit`; undefined when some of them may be known to the store only. */
  read(after: bigint, limit: number): readonly LogEntry[] | undefined {
    const oldest = this.#entries[this.#first];
    if (oldest === undefined || after < oldest.sequence - 1n) return undefined;
    const from = this.#placeAfter(after);
    return this.#entries.slice(from, from + limit);
  }

  get #size(): number {
    return this.#entries.length - this.#first;
  }

  /** Sequences grow, not always by one. */
  #placeAfter(after: bigint): number {
    let low = this.#first;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.sequence ?? 0n) <= after) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
