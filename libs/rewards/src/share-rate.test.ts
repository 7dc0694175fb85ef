import fc from 'fast-check';
import { RewardError } from './errors.ts';
import { earningsOf, minerRate, type PricedWork, settleEarnings, type ShareRate } from './share-rate.ts';

const rate: ShareRate = {
  networkWork: 1_000_000n,
  subsidyAtomic: 5_000_000_000n,
  feesAtomic: 0n,
  feeBasisPoints: 200,
};

const rateArb: fc.Arbitrary<ShareRate> = fc.record({
  networkWork: fc.bigInt(1n, 2n ** 90n),
  subsidyAtomic: fc.bigInt(0n, 10n ** 20n),
  feesAtomic: fc.bigInt(0n, 10n ** 20n),
  feeBasisPoints: fc.integer({ min: 300, max: 10_000 }),
});
const pricedArb: fc.Arbitrary<PricedWork> = fc.record({
  rate: rateArb,
  weights: fc.array(
    fc.record({ account: fc.constantFrom('alice', 'bob', 'carol'), work: fc.bigInt(0n, 2n ** 70n) }),
    { minLength: 1, maxLength: 4 },
  ),
});
const splits = [
  { address: 'carol', basisPoints: 100 },
  { address: 'dave', basisPoints: 200 },
];

/** Credits of intervals, one after the other. */
const creditAll = (intervals: readonly (readonly PricedWork[])[], to = splits) => {
  const remainders = new Map<string, bigint>();
  const credited = new Map<string, bigint>();
  for (const interval of intervals) {
    const settled = settleEarnings(earningsOf(interval, to), remainders);
    for (const [account, remainder] of settled.remainders) remainders.set(account, remainder);
    for (const { account, amountAtomic } of settled.credits) {
      credited.set(account, (credited.get(account) ?? 0n) + amountAtomic);
    }
  }
  return { credited, remainders };
};

describe('work paid by share', () => {
  it('earns its part of a block, minus the fee', () => {
    const weights = [{ account: 'alice', work: 250_000n }];
    const { credits, amountAtomic } = settleEarnings(earningsOf([{ rate, weights }], []), new Map());
    expect(credits).toEqual([{ account: 'alice', amountAtomic: 1_225_000_000n }]);
    expect(amountAtomic).toBe(1_225_000_000n);
  });

  it('comes to the same however it is cut into intervals, in 10,000 random histories', () => {
    fc.assert(
      fc.property(fc.array(pricedArb, { maxLength: 8 }), fc.infiniteStream(fc.boolean()), (history, cuts) => {
        const intervals: PricedWork[][] = [[]];
        for (const priced of history) {
          if (cuts.next().value === true) intervals.push([]);
          intervals.at(-1)?.push(priced);
        }
        expect(creditAll(intervals)).toEqual(creditAll([history]));
      }),
      { numRuns: 10_000, seed: 5 },
    );
  });

  it('is paid what it is worth, rounded down: a rate rounded up adds a unit to work of 2^128 hashes', () => {
    fc.assert(
      fc.property(pricedArb, ({ rate: any, weights }) => {
        const work = weights.reduce((sum, weight) => sum + weight.work, 0n);
        const one = [{ account: 'alice', work }];
        const { amountAtomic } = settleEarnings(earningsOf([{ rate: any, weights: one }], []), new Map());
        const worth = work * (any.subsidyAtomic + any.feesAtomic) * BigInt(10_000 - any.feeBasisPoints);
        const exact = worth / (10_000n * any.networkWork);
        expect(amountAtomic >= exact).toBe(true);
        // Work is far below 2^128 here, so that only what was all but a unit can become one.
        expect(amountAtomic - exact <= 1n).toBe(true);
      }),
      { numRuns: 2_000, seed: 6 },
    );
  });

  it('reaches a miner whose shares are worth less than a unit each', () => {
    const weights = [{ account: 'tiny', work: 1n }];
    const dust = { ...rate, subsidyAtomic: 400_000n, feeBasisPoints: 0 };
    const { credited } = creditAll(
      Array.from({ length: 1_000 }, () => [{ rate: dust, weights }]),
      [],
    );
    expect(credited.get('tiny')).toBe(400n);
    expect(minerRate(dust)).toBeLessThan(2n ** 128n);
  });

  it('refuses a network without work', () => {
    expect(() => minerRate({ ...rate, networkWork: 0n })).toThrow(RewardError);
  });
});
