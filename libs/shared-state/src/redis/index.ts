/** The fleet's side. An entry of its own, so that the embedded mode loads no Redis client. */
import type { Clock, Logger } from '@otedama/contracts';
import { MemoryTickets } from '../memory-tickets.ts';
import { connectRedis, connectSubscriber } from './connection.ts';
import { RedisTickets } from './redis-tickets.ts';

export type { RedisTickets } from './redis-tickets.ts';

export interface RedisTicketOptions {
  readonly url: string;
  /** Unique among all gateways that run, and another one after a restart. */
  readonly holder: string;
  readonly ttlMs: number;
  readonly maxTickets: number;
  readonly maxWaiting?: number;
}

/** Usable at once, whether Redis is there or not. */
export const createRedisTickets = (
  { url, holder, maxTickets, ...options }: RedisTicketOptions,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): RedisTickets => {
  const monotonicMs = (): number => performance.now();
  return new RedisTickets(
    {
      redis: connectRedis(url, holder),
      subscriber: connectSubscriber(url, holder),
      memory: new MemoryTickets({ monotonicMs, ttlMs: options.ttlMs, maxTickets }),
      clock,
      monotonicMs,
      logger,
    },
    { ...options, holder },
  );
};
