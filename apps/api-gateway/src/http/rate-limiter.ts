/** A budget of requests for each client address; IPv6 counts by /64, the least that anyone is given. */
import type { Clock } from '@otedama/contracts';
import { type Budget, TokenBuckets, clientKey } from '@otedama/edge';

export interface RateLimiter {
  /** Takes one token; 0, or how many milliseconds until there is one. */
  take(address: string): number;
}

export interface RateLimiterOptions extends Budget {
  readonly maxClients: number;
}

export function createRateLimiter({ maxClients, ...budget }: RateLimiterOptions, clock: Clock): RateLimiter {
  const buckets = new TokenBuckets(budget, maxClients);
  return { take: (address) => buckets.take(clientKey(address), clock()) };
}
