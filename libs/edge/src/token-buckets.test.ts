import fc from 'fast-check';
import { TokenBuckets } from './index.ts';

const buckets = (maxKeys = 3) => new TokenBuckets({ ratePerSecond: 2, burst: 4 }, maxKeys);

it('allows a burst, then the rate', () => {
  const limited = buckets();
  expect([1, 2, 3, 4, 5].map(() => limited.take('a', 0))).toEqual([0, 0, 0, 0, 500]);
  expect(limited.take('a', 499)).toBe(1);
  expect(limited.take('a', 500)).toBe(0);
});

it('takes all the tokens that are asked for, or none', () => {
  const limited = buckets();
  expect(limited.take('a', 0, 3)).toBe(0);
  expect(limited.take('a', 0, 3)).toBe(1_000);
  expect(limited.wait('a', 0, 1)).toBe(0);
  expect(limited.take('a', 0, 1)).toBe(0);
  expect(limited.wait('a', 0)).toBe(500);
  expect(limited.wait('b', 0, 4)).toBe(0);
});

it('never saves up more than a burst, also when the clock jumps', () => {
  const limited = buckets();
  limited.take('a', 0);
  expect([1, 2, 3, 4, 5].map(() => limited.take('a', 3_600_000))).toEqual([0, 0, 0, 0, 500]);
  expect(limited.take('a', 0)).toBe(500);
});

it('is levelled to what others have left, and pays back what they took too much', () => {
  const limited = buckets();
  limited.take('a', 0);
  limited.level('a', 0, -2);
  expect(limited.take('a', 0)).toBe(1_500);
  limited.level('a', 0, 100);
  expect(limited.take('a', 0, 4)).toBe(0);
  expect(limited.take('a', 0)).toBe(500);
});

it('counts each key by itself, and forgets the one unseen for longest', () => {
  const limited = buckets();
  for (let taken = 0; taken < 4; taken += 1) limited.take('a', 0);
  for (const key of ['b', 'c', 'a', 'd']) limited.take(key, 0);
  expect(limited.size).toBe(3);
  expect(limited.take('a', 0)).toBe(500);
});

it('gives in no stretch of time more than a burst and the rate, whoever asks how often', () => {
  const asks = fc.array(fc.tuple(fc.nat(2_000), fc.integer({ min: 1, max: 4 })), { maxLength: 200 });
  fc.assert(
    fc.property(asks, (steps) => {
      const limited = buckets();
      let nowMs = 0;
      let given = 0;
      for (const [stepMs, tokens] of steps) {
        nowMs += stepMs;
        if (limited.take('a', nowMs, tokens) === 0) given += tokens;
        expect(given).toBeLessThanOrEqual(4 + (2 * nowMs) / 1_000 + 1e-6);
      }
    }),
  );
});
