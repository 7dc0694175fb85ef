/**
 * Replies of one connection in the order of their requests. A share is answered when its verdict is there;
 * whatever is asked after it waits behind it. Tickets count up, so a ticket finds its slot without a map.
 */
import { MAX_PENDING_REPLIES } from './limits.ts';

export class ReplyQueue {
  /** Ticket of the first slot. */
  #head = 0;
  /** undefined: not known yet. */
  readonly #slots: (string | undefined)[] = [];

  get size(): number {
    return this.#slots.length;
  }

  /** Ticket of a reply that comes later; undefined when too many are waiting. */
  reserve(): number | undefined {
    if (this.#slots.length >= MAX_PENDING_REPLIES) return undefined;
    this.#slots.push(undefined);
    return this.#head + this.#slots.length - 1;
  }

  settle(ticket: number, line: string): void {
    const at = ticket - this.#head;
    if (at >= 0 && at < this.#slots.length) this.#slots[at] = line;
  }

  /** The replies whose turn it is, as one text; empty when there is none. */
  take(): string {
    let text = '';
    for (let line = this.#slots[0]; line !== undefined; line = this.#slots[0]) {
      text += line;
      this.#slots.shift();
      this.#head += 1;
    }
    return text;
  }
}
