import fc from 'fast-check';
import { RewardError } from './errors.ts';
import { apportion, splitReward } from './split.ts';

const weightArb = fc.record({
  account: fc.constantFrom('alice', 'bob', 'carol', 'dave', 'erin'),
  work: fc.oneof(fc.bigInt(0n, 20n), fc.bigInt(0n, 2n ** 128n - 1n)),
});
const historyArb = fc.array(weightArb, { minLength: 1, maxLength: 40 });

describe('splitReward', () => {
  it('pays out the reward to the last unit in 10,000 random histories', () => {
    fc.assert(
      fc.property(
        historyArb,
        fc.bigInt(0n, 10n ** 30n),
        fc.integer({ min: 0, max: 10_000 }),
        (history, reward, fee) => {
          fc.pre(history.some(({ work }) => work > 0n));
          const split = splitReward(reward, history, { feeBasisPoints: fee });
          const paid = split.credits.reduce((sum, credit) => sum + credit.amountAtomic, 0n);
          expect(paid + split.feeAtomic).toBe(reward);
          expect(split.feeAtomic).toBe((reward * BigInt(fee)) / 10_000n);
        },
      ),
      { numRuns: 10_000, seed: 1 },
    );
  });

  it('gives everybody their exact fraction within one unit', () => {
    fc.assert(
      fc.property(historyArb, fc.bigInt(0n, 10n ** 30n), (history, reward) => {
        const whole = history.reduce((sum, { work }) => sum + work, 0n);
        fc.pre(whole > 0n);
        for (const { account, amountAtomic } of splitReward(reward, history, { feeBasisPoints: 0 }).credits) {
          const work = history.reduce(
            (sum, entry) => (entry.account === account ? sum + entry.work : sum),
            0n,
          );
          const error = amountAtomic * whole - reward * work;
          expect(error < whole && error > -whole).toBe(true);
        }
      }),
      { numRuns: 2_000, seed: 2 },
    );
  });

  it('does not depend on the order in which shares are listed', () => {
    const swap = fc.tuple(historyArb, fc.infiniteStream(fc.nat()));
    fc.assert(
      fc.property(swap, fc.bigInt(0n, 10n ** 18n), ([history, keys], reward) => {
        fc.pre(history.some(({ work }) => work > 0n));
        const shuffled = history
          .map((entry) => ({ entry, key: keys.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ entry }) => entry);
        const terms = { feeBasisPoints: 125 };
        expect(splitReward(reward, shuffled, terms)).toEqual(splitReward(reward, history, terms));
      }),
      { numRuns: 1_000, seed: 3 },
    );
  });

  it('splits 100 units among three equals as 33, 33, 34, always alike', () => {
    const weights = ['c', 'a', 'b'].map((account) => ({ account, work: 7n }));
    expect(splitReward(100n, weights, { feeBasisPoints: 0 }).credits).toEqual([
      { account: 'a', amountAtomic: 33n },
      { account: 'b', amountAtomic: 33n },
      { account: 'c', amountAtomic: 34n },
    ]);
  });

  it('lists nobody with nothing', () => {
    const weights = [
      { account: 'a', work: 0n },
      { account: 'b', work: 1n },
    ];
    expect(splitReward(5n, weights, { feeBasisPoints: 10_000 })).toEqual({
      credits: [],
      splits: [],
      feeAtomic: 5n,
    });
    expect(splitReward(5n, weights, { feeBasisPoints: 0 }).credits).toEqual([
      { account: 'b', amountAtomic: 5n },
    ]);
  });

  it('gives operator splits their basis points of the reward, out of the fee', () => {
    const terms = {
      feeBasisPoints: 250,
      splits: [
        { address: 'tester', basisPoints: 33 },
        { address: 'designer', basisPoints: 100 },
      ],
    };
    expect(splitReward(9_999n, [{ account: 'a', work: 1n }], terms)).toEqual({
      credits: [{ account: 'a', amountAtomic: 9_750n }],
      splits: [
        { account: 'designer', amountAtomic: 99n },
        { account: 'tester', amountAtomic: 32n },
      ],
      feeAtomic: 118n,
    });
    const one = [{ account: 'a', work: 1n }];
    expect(() => splitReward(1n, one, { ...terms, feeBasisPoints: 132 })).toThrow('133 basis points out of');
  });

  it('refuses input that no history can produce', () => {
    const one = [{ account: 'a', work: 1n }];
    expect(() => splitReward(1n, [], { feeBasisPoints: 0 })).toThrow(RewardError);
    expect(() => splitReward(-1n, one, { feeBasisPoints: 0 })).toThrow(RewardError);
    expect(() => splitReward(1n, one, { feeBasisPoints: 10_001 })).toThrow(RewardError);
    expect(() => splitReward(1n, one, { feeBasisPoints: 0.5 })).toThrow(RewardError);
    expect(() => splitReward(1n, [{ account: 'a', work: -1n }], { feeBasisPoints: 0 })).toThrow(RewardError);
    expect(() => apportion(-1n, one)).toThrow(RewardError);
  });
});
