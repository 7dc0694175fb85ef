/** The fleet's side. An entry of its own, so that the embedded mode loads no Redis client. */
import type { Clock, Logger } from '@otedama/contracts';
import { type BanLimits, BAN_LIMITS } from '../bans/ban-list.ts';
import { MemoryBans } from '../bans/memory-bans.ts';
import { MemoryTickets } from '../memory-tickets.ts';
import { RedisBans } from './redis-bans.ts';
import { RedisCounters } from './redis-counters.ts';
import { RedisLink, type RedisLinkOptions } from './redis-link.ts';
import { RedisTickets } from './redis-tickets.ts';

export type { RedisLink } from './redis-link.ts';

const monotonicMs = (): number => performance.now();

/** Usable at once, whether Redis is there or not; what is made on it closes before it. */
export const openRedis = (options: RedisLinkOptions, logger: Logger): RedisLink =>
  new RedisLink(options, logger);

export interface RedisTicketOptions {
  readonly ttlMs: number;
  readonly maxTickets: number;
  readonly maxWaiting?: number;
}

export const createRedisTickets = (
  link: RedisLink,
  { maxTickets, ...options }: RedisTicketOptions,
  clock: Clock,
): RedisTickets => {
  const memory = new MemoryTickets({ monotonicMs, ttlMs: options.ttlMs, maxTickets });
  return new RedisTickets({ link, memory, clock, monotonicMs }, options);
};

export const createRedisBans = (link: RedisLink, clock: Clock, limits: BanLimits = BAN_LIMITS): RedisBans =>
  new RedisBans({ link, memory: new MemoryBans({ clock, monotonicMs }, limits), monotonicMs }, limits);

export const createRedisCounters = (link: RedisLink): RedisCounters =>
  new RedisCounters({ link, monotonicMs });
