/**
 * Tickets in Redis, shared by all gateways. Writes are gathered for a moment, the latest of a session wins, and
 * leave as one pipeline; what is known here is also kept in memory, which is what there is while Redis is away.
 * A Redis that does not answer is left alone until it answers a ping; then it is given everything again that
 * lives, because it may have come back empty.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock, Logger, Subscription } from '@otedama/contracts';
import type { Redis } from 'ioredis';
import type { MemoryTickets } from '../memory-tickets.ts';
import type { SessionTicket, SessionTickets, TicketKey, TicketsState } from '../session-tickets.ts';
import { type TicketRedis, lostChannel, ticketKey } from './scripts.ts';

export interface RedisTicketsDeps {
  readonly redis: TicketRedis;
  readonly subscriber: Redis;
  readonly memory: MemoryTickets;
  readonly clock: Clock;
  readonly monotonicMs: () => number;
  readonly logger: Logger;
}

export interface RedisTicketsOptions {
  /** Unique among all gateways that run. */
  readonly holder: string;
  readonly ttlMs: number;
  /** Writes that wait; beyond, the oldest is given up and only known here. */
  readonly maxWaiting?: number;
}

const DEFAULT_MAX_WAITING = 100_000;
const GATHER_MS = 5;
const PIPELINE_WRITES = 500;
const PROBE_INTERVAL_MS = 1_000;
/** The last writes of a gateway that ends get so long. */
const CLOSE_TIMEOUT_MS = 2_000;

type PipelineResult = readonly [error: Error | null, result: unknown];

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export class RedisTickets implements SessionTickets {
  readonly #deps: RedisTicketsDeps;
  readonly #options: RedisTicketsOptions;
  readonly #listeners = new Set<(key: TicketKey) => void>();
  /** By key of Redis, oldest first. */
  #waiting = new Map<string, { readonly ticket: SessionTicket; readonly untilMs: number }>();
  #state: TicketsState = { state: 'degraded', reason: 'not connected yet' };
  #gathering: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;
  readonly #probe: NodeJS.Timeout;
  #closing = false;
  dropped = 0;

  constructor(deps: RedisTicketsDeps, options: RedisTicketsOptions) {
    this.#deps = deps;
    this.#options = options;
    const { redis, subscriber, logger } = deps;
    redis.on('error', (error: Error) => this.#degrade(messageOf(error)));
    redis.on('close', () => this.#degrade('not connected'));
    redis.on('ready', () => void this.#heal());
    // Its connection ends with the other's, which tells why.
    subscriber.on('error', (error: Error) => logger.debug({ error: messageOf(error) }, 'redis subscriber'));
    subscriber.on('message', (_: string, name: string) => this.#onLost(name));
    subscriber
      .subscribe(lostChannel(options.holder))
      .catch((error: unknown) => logger.debug({ error: messageOf(error) }, 'redis subscriber'));
    this.#probe = setInterval(() => void this.#heal(), PROBE_INTERVAL_MS).unref();
  }

  put(ticket: SessionTicket): void {
    const { memory, monotonicMs } = this.#deps;
    memory.put(ticket);
    this.#wait(ticket, monotonicMs() + this.#options.ttlMs);
    if (this.#state.state === 'up') this.#gathering ??= setTimeout(() => this.#flush(), GATHER_MS);
  }

  async take(key: TicketKey): Promise<SessionTicket | undefined> {
    const own = this.#deps.memory.remove(key);
    const name = ticketKey(key.poolId, key.sessionId);
    this.#waiting.delete(name);
    if (this.#state.state !== 'up') return own;
    try {
      const found = await this.#deps.redis.takeTicket(
        name,
        this.#options.holder,
        `${key.poolId}/${key.sessionId}`,
      );
      // Known here only: it has not been written yet, or Redis came back empty.
      if (found === null) return own;
      const [extranonce1, difficulty, holder] = found;
      if (own !== undefined && holder === this.#options.holder) return own;
      return { ...key, extranonce1: Buffer.from(extranonce1, 'hex'), difficulty: Number(difficulty) };
    } catch (error) {
      this.#degrade(messageOf(error));
      return own;
    }
  }

  onLost(listener: (key: TicketKey) => void): Subscription {
    this.#listeners.add(listener);
    return { unsubscribe: () => this.#listeners.delete(listener) };
  }

  state(): TicketsState {
    return this.#state;
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#probe);
    this.#flush();
    await Promise.race([this.#flushing, pause(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
    this.#deps.redis.disconnect();
    this.#deps.subscriber.disconnect();
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
    while (this.#waiting.size > 0 && this.#state.state === 'up') await this.#writeSome();
  }

  /** What was not written waits on, unless there is something newer of its session. */
  async #writeSome(): Promise<void> {
    const { redis, clock, monotonicMs } = this.#deps;
    const { holder } = this.#options;
    const [nowMs, nowMonotonicMs] = [clock(), monotonicMs()];
    const some = [...this.#waiting].slice(0, PIPELINE_WRITES);
    const pipeline = redis.pipeline();
    for (const [name, { ticket, untilMs }] of some) {
      this.#waiting.delete(name);
      const extranonce1 = Buffer.from(ticket.extranonce1).toString('hex');
      const commands = pipeline as unknown as TicketRedis;
      const leftMs = Math.floor(untilMs - nowMonotonicMs);
      commands.putTicket(name, holder, extranonce1, String(ticket.difficulty), nowMs + leftMs, leftMs);
    }
    const results = await pipeline.exec().catch((error: unknown) => {
      this.#degrade(messageOf(error));
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
      if (result !== undefined) this.#degrade(messageOf(result[0]));
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

  #degrade(reason: string): void {
    if (this.#state.state === 'up' && !this.#closing) {
      this.#deps.logger.warn({ reason }, 'redis is away: sessions resume only where they were');
    }
    this.#state = { state: 'degraded', reason };
  }

  async #heal(): Promise<void> {
    const { redis, memory, logger } = this.#deps;
    if (this.#state.state === 'up' || this.#closing || redis.status !== 'ready') return;
    try {
      await redis.ping();
    } catch (error) {
      this.#degrade(messageOf(error));
      return;
    }
    if (this.#closing) return;
    this.#state = { state: 'up' };
    logger.info({}, 'redis is there: sessions can resume at any gateway');
    for (const { ticket, untilMs } of memory.living()) this.#wait(ticket, untilMs);
    this.#flush();
  }
}
