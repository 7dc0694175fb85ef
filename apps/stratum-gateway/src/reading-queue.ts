/**
 * Connections that had more to say than is read of one in a turn of the event loop. They are read on a little in
 * each turn, one after the other, so that whoever says little is heard between them: a hundred peers that send
 * thousands of lines at once would otherwise be read to their end before anybody else.
 */

/** What of a turn of the event loop is theirs. */
const SLICE_MS = 1;

export interface Talker {
  /** Reads as much as is read of one in a turn; it comes here again when there is more. */
  resume(): void;
}

export class ReadingQueue {
  readonly #talkers = new Set<Talker>();
  readonly #nowMs: () => number;
  #turning = false;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#talkers.size;
  }

  /** It is read on in a later turn, after those who came before it. */
  add(talker: Talker): void {
    this.#talkers.add(talker);
    if (this.#turning) return;
    this.#turning = true;
    setImmediate(() => this.#turn());
  }

  remove(talker: Talker): void {
    this.#talkers.delete(talker);
  }

  #turn(): void {
    const endMs = this.#nowMs() + SLICE_MS;
    // Who is added meanwhile is at the end, and has its turn in this slice only when all others have had theirs.
    for (const talker of this.#talkers) {
      this.#talkers.delete(talker);
      talker.resume();
      if (this.#nowMs() >= endMs) break;
    }
    this.#turning = this.#talkers.size > 0;
    if (this.#turning) setImmediate(() => this.#turn());
  }
}
