/**
 * The newest entries of a log, as whoever appends them still has them: a reader that keeps up needs no disk. Their
 * sequences have no gaps.
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

  /** The entry that was stored next after the last one that was added. */
  add(entry: LogEntry): void {
    this.#entries.push(entry);
    this.#bytes += entry.payload.length;
    while (
      this.#entries.length - this.#first > this.#limits.maxEntries ||
      this.#bytes > this.#limits.maxBytes
    ) {
      this.#bytes -= this.#entries[this.#first++]?.payload.length ?? 0;
    }
    if (this.#first <= this.#limits.maxEntries) return;
    this.#entries = this.#entries.slice(this.#first);
    this.#first = 0;
  }

  /** Entries after `after`, in order, at most `limit`; undefined when some of them may be in the files only. */
  read(after: bigint, limit: number): readonly LogEntry[] | undefined {
    const oldest = this.#entries[this.#first];
    if (oldest === undefined || after < oldest.sequence - 1n) return undefined;
    const from = this.#first + Number(after + 1n - oldest.sequence);
    return this.#entries.slice(from, from + limit);
  }
}
