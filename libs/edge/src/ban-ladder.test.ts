import { BanLadder } from './index.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const setup = (maxRemembered = 10) => new BanLadder({ shortestMs: MINUTE, longestMs: HOUR, maxRemembered });

it('makes each ban longer than the one before, up to the longest', () => {
  const ladder = setup();
  const lengths = [1, 2, 3, 4, 5].map((time) => {
    const forMs = ladder.nextMs('a', time * HOUR);
    ladder.note('a', forMs, time * HOUR);
    return forMs / MINUTE;
  });
  expect(lengths).toEqual([1, 4, 16, 60, 60]);
  expect(ladder.nextMs('b', 0)).toBe(MINUTE);
});

it('forgives one for every longest ban without another', () => {
  const ladder = setup();
  for (let ban = 0; ban < 3; ban++) ladder.note('a', MINUTE, 0);
  expect(ladder.nextMs('a', MINUTE)).toBe(HOUR);
  expect(ladder.nextMs('a', MINUTE + HOUR)).toBe(16 * MINUTE);
  expect(ladder.nextMs('a', MINUTE + 3 * HOUR)).toBe(MINUTE);
});

it('remembers a bounded number', () => {
  const ladder = setup(2);
  for (const key of ['a', 'b', 'a', 'c']) ladder.note(key, MINUTE, 0);
  expect(ladder.size).toBe(2);
  expect([ladder.nextMs('a', 0), ladder.nextMs('b', 0)]).toEqual([16 * MINUTE, MINUTE]);
});
