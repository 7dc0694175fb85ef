import { clientKey } from '@otedama/edge';
import { MemoryCounters } from '@otedama/shared-state';

import { createRateLimiter } from './rate-limiter.ts';

it('gives each IPv4 address and each IPv6 /64 one budget', () => {
  const counters = new MemoryCounters({ monotonicMs: () => 0 });
  let refused = 0;
  const limiter = createRateLimiter(counters, {
    who: 'address',
    budget: { ratePerSecond: 2, burst: 1 },
    keyOf: clientKey,
    onRefused: () => {
      refused += 1;
    },
  });
  expect(limiter.take('192.0.2.1')).toBe(0);
  expect(limiter.take('::ffff:192.0.2.1')).toBe(500);
  expect(limiter.take('192.0.2.2')).toBe(0);
  expect(limiter.take('2001:db8::1')).toBe(0);
  expect(limiter.refusalFor('2001:db8::2')).toMatchObject({
    kind: 'rate-limited',
    extras: {
      detail: 'This address sent more requests than the configured rate.',
      headers: { 'retry-after': '1' },
    },
  });
  expect(limiter.refusalFor('2001:db8:0:2::1')).toBeUndefined();
  expect(limiter.take('2001:db8:0:1::1')).toBe(0);
  expect(refused).toBe(1);
});

it('says what is left, and when all of it will be back', () => {
  let nowMs = 0;
  const counters = new MemoryCounters({ monotonicMs: () => nowMs });
  const options = { who: 'address', budget: { ratePerSecond: 2, burst: 20 }, keyOf: clientKey };
  const limiter = createRateLimiter(counters, { ...options, onRefused: () => undefined });
  for (let sent = 0; sent < 5; sent += 1) limiter.take('192.0.2.1');
  expect(limiter.headers('192.0.2.1')).toEqual({
    'ratelimit-policy': '"address";q=20;w=10',
    ratelimit: '"address";r=15;t=3',
  });
  nowMs += 1_000;
  expect(limiter.headers('192.0.2.1')).toMatchObject({ ratelimit: '"address";r=17;t=2' });
});
