/**
 * Replies of one connection in the order of their requests. A share is answered when its verdict is there;
 * whatever is asked after it waits behind it. Tickets count up, so a ticket finds its slot without a map.
 */
import { MAX_PENDING_REPLIES } from './limits.ts';

/** What a reply waits for, kept in its slot until it is taken out: an object, or nothing. */
export class ReplyQueue<Awaited extends object = never> {
  /** Ticket of the first slot. */
  #head = 0;
  /** A text is a reply that is known. */
  readonly #slots: (string | Awaited | undefined)[] = [];
  #awaited = 0;

  get size(): number {
    return this.#slots.length;
  }

  /** How many are awaited with an object. */
  get awaited(): number {
    return this.#awaited;
  }

  /** Ticket of a reply that comes later; undefined when too many are waiting. */
  reserve(awaited?: Awaited): number | undefined {
    if (this.#slots.length >= MAX_PENDING_REPLIES) return undefined;
    this.#slots.push(awaited);
    if (awaited !== undefined) this.#awaited += 1;
    return this.#head + this.#slots.length - 1;
  }

  /** What the reply waits for: the first time; undefined from then on. */
  takeAwaited(ticket: number): Awaited | undefined {
    const at = ticket - this.#head;
    const slot = this.#slots[at];
    if (typeof slot !== 'object') return undefined;
    this.#slots[at] = undefined;
    this.#awaited -= 1;
    return slot;
  }

  settle(ticket: number, line: string): void {
    const at = ticket - this.#head;
    if (at >= 0 && at < this.#slots.length) this.#slots[at] = line;
  }

  /** The replies whose turn it is, as one text; empty when there is none. */
  take(): string {
    let text = '';
    for (let line = this.#slots[0]; typeof line === 'string'; line = this.#slots[0]) {
      text += line;
      this.#slots.shift();
      this.#head += 1;
    }
    return text;
  }
}
