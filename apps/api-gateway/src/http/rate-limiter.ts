/**
 * Token bucket per client address, in a map of bounded size: the address unseen for longest is forgotten
 * first, which at worst gives it a full bucket again. IPv6 counts by /64, the least that anyone is given.
 */
import { isIPv6 } from 'node:net';

import type { Clock } from '@otedama/contracts';

export interface RateLimiter {
  /** Takes one token; 0, or how many milliseconds until there is one. */
  take(address: string): number;
  readonly size: number;
}

export interface RateLimiterOptions {
  readonly ratePerSecond: number;
  readonly burst: number;
  readonly maxClients: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** The unit that a budget is given to: an IPv4 address or an IPv6 /64. */
export function clientKey(address: string): string {
  const mapped = MAPPED_IPV4.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const bare = address.split('%', 1)[0] ?? address;
  if (!isIPv6(bare)) return address;
  const [head = '', tail] = bare.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...right];
  const prefix = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${prefix.join(':')}::/64`;
}

export function createRateLimiter(options: RateLimiterOptions, clock: Clock): RateLimiter {
  const buckets = new Map<string, Bucket>();
  const perMs = options.ratePerSecond / 1_000;

  const refill = (key: string): Bucket => {
    const now = clock();
    const known = buckets.get(key);
    // Deleted and set again: a Map iterates in insertion order, so the first key is the longest unseen.
    buckets.delete(key);
    const elapsedMs = known === undefined ? 0 : Math.max(0, now - known.atMs);
    const tokens = Math.min(options.burst, (known?.tokens ?? options.burst) + elapsedMs * perMs);
    const bucket = { tokens, atMs: now };
    buckets.set(key, bucket);
    return bucket;
  };

  const forgetOldest = (): void => {
    if (buckets.size <= options.maxClients) return;
    const oldest = buckets.keys().next();
    if (oldest.done !== true) buckets.delete(oldest.value);
  };

  return {
    take(address) {
      const bucket = refill(clientKey(address));
      forgetOldest();
      if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / perMs);
      bucket.tokens -= 1;
      return 0;
    },
    get size() {
      return buckets.size;
    },
  };
}
