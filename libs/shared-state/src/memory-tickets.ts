/** Tickets of one process: the embedded mode's, and what a gateway knows while Redis is away. */
import type { SessionTicket, SessionTickets, TicketKey } from './session-tickets.ts';

export interface MemoryTicketsOptions {
  readonly monotonicMs: () => number;
  readonly ttlMs: number;
  /** The oldest go first. A ticket takes some 300 bytes. */
  readonly maxTickets: number;
}

interface Kept {
  readonly ticket: SessionTicket;
  readonly untilMs: number;
}

const nameOf = ({ poolId, sessionId }: TicketKey): string => `${poolId}/${sessionId}`;

export class MemoryTickets implements SessionTickets {
  readonly #options: MemoryTicketsOptions;
  /** Oldest first. */
  readonly #kept = new Map<string, Kept>();
  dropped = 0;

  constructor(options: MemoryTicketsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#kept.size;
  }

  put(ticket: SessionTicket): void {
    const { monotonicMs, ttlMs, maxTickets } = this.#options;
    const name = nameOf(ticket);
    const nowMs = monotonicMs();
    this.#kept.delete(name);
    this.#kept.set(name, { ticket, untilMs: nowMs + ttlMs });
    for (const [oldest, { untilMs }] of this.#kept) {
      if (this.#kept.size <= maxTickets && untilMs > nowMs) break;
      if (untilMs > nowMs) this.dropped += 1;
      this.#kept.delete(oldest);
    }
  }

  async take(key: TicketKey): Promise<SessionTicket | undefined> {
    return this.remove(key);
  }

  remove(key: TicketKey): SessionTicket | undefined {
    const name = nameOf(key);
    const kept = this.#kept.get(name);
    this.#kept.delete(name);
    return kept !== undefined && kept.untilMs > this.#options.monotonicMs() ? kept.ticket : undefined;
  }

  /** All that are alive, with the time they have. */
  *living(): Iterable<Kept> {
    const nowMs = this.#options.monotonicMs();
    for (const kept of this.#kept.values()) if (kept.untilMs > nowMs) yield kept;
  }

  /** There is nobody else. */
  onLost(): { unsubscribe(): void } {
    return { unsubscribe: () => undefined };
  }

  state(): { state: 'up' } {
    return { state: 'up' };
  }

  async close(): Promise<void> {
    this.#kept.clear();
  }
}
