/**
 * What a process knows of its Redis: whether it is there. One that does not answer is left alone until it answers
 * a ping; then those who share something by it are told, because it may have come back empty.
 */
import type { Logger } from '@otedama/contracts';
import type { Redis } from 'ioredis';
import { connectRedis, connectSubscriber } from './connection.ts';
import type { ScriptedRedis } from './scripts.ts';

export interface RedisLinkOptions {
  readonly url: string;
  /** Unique among all processes that run, and another one after a restart. */
  readonly name: string;
}

export type LinkState = { readonly state: 'up' } | { readonly state: 'degraded'; readonly reason: string };

/** Also how often those who share something look whether they missed something. */
const PROBE_INTERVAL_MS = 1_000;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export class RedisLink {
  readonly name: string;
  readonly redis: ScriptedRedis;
  readonly #subscriber: Redis;
  readonly #logger: Logger;
  readonly #channels = new Map<string, (message: string) => void>();
  readonly #onUp: (() => void)[] = [];
  readonly #onProbe: (() => void)[] = [];
  readonly #probe: NodeJS.Timeout;
  #state: LinkState = { state: 'degraded', reason: 'not connected yet' };
  #isClosed = false;

  constructor({ url, name }: RedisLinkOptions, logger: Logger) {
    this.name = name;
    this.#logger = logger;
    this.redis = connectRedis(url, name);
    this.redis.on('error', (error: Error) => this.fail(error));
    this.redis.on('close', () => this.fail('not connected'));
    this.redis.on('ready', () => void this.#heal());
    this.#subscriber = connectSubscriber(url, name);
    // Its connection ends with the other's, which tells why.
    this.#subscriber.on('error', (error: Error) => this.#murmur(error));
    this.#subscriber.on('ready', () => this.#listen([...this.#channels.keys()]));
    this.#subscriber.on('message', (channel: string, message: string) =>
      this.#channels.get(channel)?.(message),
    );
    this.#probe = setInterval(() => void this.#heal(), PROBE_INTERVAL_MS).unref();
  }

  get isUp(): boolean {
    return this.#state.state === 'up';
  }

  state(): LinkState {
    return this.#state;
  }

  /** A command has failed. */
  fail(error: unknown): void {
    const reason = messageOf(error);
    if (this.isUp && !this.#isClosed) {
      this.#logger.warn({ reason }, 'redis is away: this process keeps to itself what it would share');
    }
    this.#state = { state: 'degraded', reason };
  }

  /** Messages may be missed while the connection is away. */
  subscribe(channel: string, onMessage: (message: string) => void): void {
    this.#channels.set(channel, onMessage);
    if (this.#subscriber.status === 'ready') this.#listen([channel]);
  }

  /** Called whenever it is there again. */
  onUp(listener: () => void): void {
    this.#onUp.push(listener);
  }

  /** Called each second while it is there. */
  onProbe(listener: () => void): void {
    this.#onProbe.push(listener);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#probe);
    this.#state = { state: 'degraded', reason: 'closed' };
    this.redis.disconnect();
    this.#subscriber.disconnect();
  }

  #listen(channels: readonly string[]): void {
    if (channels.length > 0) this.#subscriber.subscribe(...channels).catch((error) => this.#murmur(error));
  }

  #murmur(error: unknown): void {
    this.#logger.debug({ error: messageOf(error) }, 'redis subscriber');
  }

  async #heal(): Promise<void> {
    if (this.#isClosed || this.redis.status !== 'ready') return;
    if (this.isUp) {
      for (const listener of this.#onProbe) listener();
      return;
    }
    try {
      await this.redis.ping();
    } catch (error) {
      this.fail(error);
      return;
    }
    if (this.#isClosed || this.isUp) return;
    this.#state = { state: 'up' };
    this.#logger.info({}, 'redis is there: what is shared is shared with all');
    for (const listener of this.#onUp) listener();
  }
}
