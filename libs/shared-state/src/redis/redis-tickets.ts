/**
 * Tickets in Redis, shared by all gateways. Writes are gathered for a moment, the latest of a session wins, and
 * leave as one pipeline; what is known here is also kept in memory, which is what there is while Redis is away.
 * When it is back it is given everything again that lives, because it may have come back empty.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock, Subscription } from '@otedama/contracts';
import type { MemoryTickets } from '../memory-tickets.ts';
import type { SessionTicket, SessionTickets, TicketKey, TicketsState } from '../session-tickets.ts';
import type { RedisLink } from './redis-link.ts';
import { type TicketCommands, lostChannel, ticketKey } from './ticket-scripts.ts';

export interface RedisTicketsDeps {
  readonly link: RedisLink;
  readonly memory: MemoryTickets;
  readonly clock: Clock;
  readonly monotonicMs: () => number;
}

export interface RedisTicketsOptions {
  readonly ttlMs: number;
  /** Writes that wait; beyond, the oldest is given up and only known here. */
  readonly maxWaiting?: number;
}

const DEFAULT_MAX_WAITING = 100_000;
const GATHER_MS = 5;
const PIPELINE_WRITES = 500;
/** The last writes of a gateway that ends get so long. */
const CLOSE_TIMEOUT_MS = 2_000;

type PipelineResult = readonly [error: Error | null, result: unknown];

export class RedisTickets implements SessionTickets {
  readonly #deps: RedisTicketsDeps;
  readonly #options: RedisTicketsOptions;
  readonly #listeners = new Set<(key: TicketKey) => void>();
  /** By key of Redis, oldest first. */
  #waiting = new Map<string, { readonly ticket: SessionTicket; readonly untilMs: number }>();
  #gathering: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;
  dropped = 0;

  constructor(deps: RedisTicketsDeps, options: RedisTicketsOptions) {
    this.#deps = deps;
    this.#options = options;
    deps.link.onUp(() => this.#giveAll());
    deps.link.subscribe(lostChannel(deps.link.name), (name) => this.#onLost(name));
  }

  get size(): number {
    return this.#deps.memory.size;
  }

  put(ticket: SessionTicket): void {
    const { memory, monotonicMs } = this.#deps;
    memory.put(ticket);
    this.#wait(ticket, monotonicMs() + this.#options.ttlMs);
    if (this.#deps.link.isUp) this.#gathering ??= setTimeout(() => this.#flush(), GATHER_MS);
  }

  async take(key: TicketKey): Promise<SessionTicket | undefined> {
    const { link } = this.#deps;
    const own = this.#deps.memory.remove(key);
    const name = ticketKey(key.poolId, key.sessionId);
    this.#waiting.delete(name);
    if (!link.isUp) return own;
    try {
      const found = await link.redis.takeTicket(name, link.name, `${key.poolId}/${key.sessionId}`);
      // Known here only: it has not been written yet, or Redis came back empty.
      if (found === null) return own;
      const [extranonce1, difficulty, holder] = found;
      if (own !== undefined && holder === link.name) return own;
      return { ...key, extranonce1: Buffer.from(extranonce1, 'hex'), difficulty: Number(difficulty) };
    } catch (error) {
      link.fail(error);
      return own;
    }
  }

  onLost(listener: (key: TicketKey) => void): Subscription {
    this.#listeners.add(listener);
    return { unsubscribe: () => this.#listeners.delete(listener) };
  }

  state(): TicketsState {
    return this.#deps.link.state();
  }

  async close(): Promise<void> {
    this.#flush();
    await Promise.race([this.#flushing, pause(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
  }

  #wait(ticket: SessionTicket, untilMs: number): void {
    const name = ticketKey(ticket.poolId, ticket.sessionId);
    this.#waiting.delete(name);
    this.#waiting.set(name, { ticket, untilMs });
    const { maxWaiting = DEFAULT_MAX_WAITING } = this.#options;
    if (this.#waiting.size <= maxWaiting) return;
    for (const oldest of this.#waiting.keys()) {
      this.#waiting.delete(oldest);
      this.dropped += 1;
      return;
    }
  }

  #flush(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    this.#flushing ??= this.#writeAll().finally(() => {
      this.#flushing = undefined;
    });
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.size > 0 && this.#deps.link.isUp) await this.#writeSome();
  }

  /** What was not written waits on, unless there is something newer of its session. */
  async #writeSome(): Promise<void> {
    const { link, clock, monotonicMs } = this.#deps;
    const [nowMs, nowMonotonicMs] = [clock(), monotonicMs()];
    const some = [...this.#waiting].slice(0, PIPELINE_WRITES);
    const pipeline = link.redis.pipeline();
    for (const [name, { ticket, untilMs }] of some) {
      this.#waiting.delete(name);
      const extranonce1 = Buffer.from(ticket.extranonce1).toString('hex');
      const commands = pipeline as unknown as TicketCommands;
      const leftMs = Math.floor(untilMs - nowMonotonicMs);
      commands.putTicket(name, link.name, extranonce1, String(ticket.difficulty), nowMs + leftMs, leftMs);
    }
    const results = await pipeline.exec().catch((error: unknown) => {
      link.fail(error);
      return undefined;
    });
    some.forEach(([name, write], index) => this.#settle(name, write, results?.[index]));
  }

  #settle(
    name: string,
    write: { readonly ticket: SessionTicket; readonly untilMs: number },
    result: PipelineResult | undefined,
  ): void {
    if (result === undefined || result[0] !== null) {
      if (result !== undefined) this.#deps.link.fail(result[0]);
      if (!this.#waiting.has(name)) this.#wait(write.ticket, write.untilMs);
    } else if (result[1] === 0) this.#lose(write.ticket);
  }

  #onLost(name: string): void {
    const at = name.indexOf('/');
    this.#lose({ poolId: name.slice(0, at), sessionId: name.slice(at + 1) });
  }

  #lose(key: TicketKey): void {
    this.#deps.memory.remove(key);
    this.#waiting.delete(ticketKey(key.poolId, key.sessionId));
    for (const listener of this.#listeners) listener(key);
  }

  #giveAll(): void {
    for (const { ticket, untilMs } of this.#deps.memory.living()) this.#wait(ticket, untilMs);
    this.#flush();
  }
}
