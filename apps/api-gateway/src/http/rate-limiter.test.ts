import { clientKey, createRateLimiter } from './rate-limiter.ts';

function setup(maxClients = 3) {
  const time = { nowMs: 0 };
  const limiter = createRateLimiter({ ratePerSecond: 2, burst: 4, maxClients }, () => time.nowMs);
  return { time, limiter };
}

it('allows a burst, then the rate', () => {
  const { limiter, time } = setup();
  expect([1, 2, 3, 4, 5].map(() => limiter.take('10.0.0.1'))).toEqual([0, 0, 0, 0, 500]);
  time.nowMs += 499;
  expect(limiter.take('10.0.0.1')).toBeGreaterThan(0);
  time.nowMs += 1;
  expect(limiter.take('10.0.0.1')).toBe(0);
});

it('never saves up more than a burst, also when the clock jumps', () => {
  const { limiter, time } = setup();
  limiter.take('10.0.0.1');
  time.nowMs += 3_600_000;
  expect([1, 2, 3, 4, 5].map(() => limiter.take('10.0.0.1')).filter((wait) => wait === 0)).toHaveLength(4);
  time.nowMs -= 7_200_000;
  expect(limiter.take('10.0.0.1')).toBe(500);
});

it('counts each address by itself', () => {
  const { limiter } = setup();
  for (let taken = 0; taken < 5; taken += 1) limiter.take('10.0.0.1');
  expect(limiter.take('10.0.0.2')).toBe(0);
});

it('forgets the address unseen for longest', () => {
  const { limiter } = setup();
  for (let taken = 0; taken < 4; taken += 1) limiter.take('10.0.0.1');
  for (const address of ['10.0.0.2', '10.0.0.3', '10.0.0.1', '10.0.0.4']) limiter.take(address);
  expect(limiter.size).toBe(3);
  expect(limiter.take('10.0.0.1')).toBe(500);
});

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::1', '0:0:0:0::/64'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['', ''],
])('counts %s as %s', (address, key) => {
  expect(clientKey(address)).toBe(key);
});
