import fc from 'fast-check';
import { VerificationCredit } from './index.ts';

const LIMITS = { start: 4, most: 64, perSecond: 1 };

it('lets a stranger send a few, then one a second', () => {
  const credit = new VerificationCredit(LIMITS, 0);
  const sent = (nowMs: number) => {
    const waitMs = credit.waitMs(nowMs);
    if (waitMs === 0) credit.spend();
    return waitMs;
  };
  expect([0, 0, 0, 0, 0].map(sent)).toEqual([0, 0, 0, 0, 1_000]);
  expect(sent(999)).toBe(1);
  expect(sent(1_000)).toBe(0);
  expect(sent(3_600_000)).toBe(0);
  expect([0, 0, 0, 0].map(() => sent(3_600_000))).toEqual([0, 0, 0, 1_000]);
});

it('gives who works room for all it sends', () => {
  const credit = new VerificationCredit(LIMITS, 0);
  let most = 0;
  for (let round = 0; round < 100; round++) {
    let sent = 0;
    for (; credit.waitMs(0) === 0; sent++) credit.spend();
    most = Math.max(most, sent);
    for (let share = 0; share < sent; share++) credit.earn();
  }
  expect(most).toBe(LIMITS.most);
});

it('takes no fault of others amiss', () => {
  const credit = new VerificationCredit(LIMITS, 0);
  for (let share = 0; share < 100; share++) {
    expect(credit.waitMs(0)).toBe(0);
    credit.spend();
    credit.giveBack();
  }
});

it('has no more junk verified than was earned and the time allows, in whatever order', () => {
  const steps = fc.array(fc.tuple(fc.nat(1_500), fc.constantFrom('junk', 'junk', 'junk', 'work')), {
    maxLength: 500,
  });
  fc.assert(
    fc.property(steps, (all) => {
      const credit = new VerificationCredit(LIMITS, 0);
      let [nowMs, junk, work] = [0, 0, 0];
      for (const [stepMs, kind] of all) {
        nowMs += stepMs;
        if (credit.waitMs(nowMs) > 0) continue;
        credit.spend();
        if (kind === 'work') {
          credit.earn();
          work += 1;
        } else junk += 1;
        expect(junk).toBeLessThanOrEqual(LIMITS.start + work + nowMs / 1_000 + 1e-6);
      }
    }),
  );
});
