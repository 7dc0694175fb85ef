import { createRateLimiter } from './rate-limiter.ts';

it('gives each client a budget: an IPv4 address in either notation, an IPv6 /64', () => {
  const limiter = createRateLimiter({ ratePerSecond: 2, burst: 2, maxClients: 10 }, () => 0);
  const taken = (...addresses: string[]) => addresses.map((address) => limiter.take(address));
  expect(taken('192.0.2.7', '::ffff:192.0.2.7', '192.0.2.7', '192.0.2.8')).toEqual([0, 0, 500, 0]);
  expect(taken('2001:db8::1', '2001:db8:0:0:9::', '2001:db8::2', '2001:db8:0:1::1')).toEqual([0, 0, 500, 0]);
});
