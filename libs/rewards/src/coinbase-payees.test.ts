import fc from 'fast-check';
import {
  type CoinbaseBlock,
  dividedAtomic,
  type DuePayee,
  partOfPlace,
  planCoinbase,
  windowPlaces,
} from './coinbase-payees.ts';
import { RewardError } from './errors.ts';
import { settleBlock } from './scheme.ts';
import { apportion, mergeWeights, type Weight } from './split.ts';

const BASIS_POINTS = 10_000n;

const amountArb = fc.oneof(fc.bigInt(0n, 2_000n), fc.bigInt(0n, 10n ** 12n));
const minerArb = fc.record({
  work: fc.oneof(fc.bigInt(0n, 30n), fc.bigInt(0n, 10n ** 20n)),
  carriedAtomic: fc.oneof(fc.constant(0n), amountArb),
  outputBytes: fc.constantFrom(31, 32, 34, 43),
  minimumAtomic: fc.constantFrom(0n, 294n, 546n, 1_000_000n),
});
const blockArb = fc.record({
  miners: fc.array(minerArb, { minLength: 1, maxLength: 40 }),
  rewardAtomic: fc.oneof(fc.bigInt(0n, 5_000n), fc.bigInt(0n, 10n ** 13n)),
  feeBasisPoints: fc.bigInt(0n, BASIS_POINTS),
  room: fc.record({ outputs: fc.nat(45), bytes: fc.nat(1_500) }),
});

interface Settled extends CoinbaseBlock {
  readonly feeAtomic: bigint;
}

const settle = ({
  miners,
  rewardAtomic,
  feeBasisPoints,
  room,
}: typeof blockArb extends fc.Arbitrary<infer T> ? T : never): Settled => {
  const feeAtomic = (rewardAtomic * feeBasisPoints) / BASIS_POINTS;
  const whole = miners.reduce((sum, { work }) => sum + work, 0n);
  const weights = miners.map(({ work }, i): Weight => ({ account: `m${String(i).padStart(2, '0')}`, work }));
  const payees = windowPlaces(weights).map(({ account, ...place }, i): DuePayee => {
    const { carriedAtomic = 0n, outputBytes = 34, minimumAtomic = 0n } = miners[i] ?? {};
    const creditAtomic = whole === 0n ? 0n : partOfPlace(rewardAtomic - feeAtomic, place, whole);
    return { account, creditAtomic, carriedAtomic, outputBytes, minimumAtomic };
  });
  return { rewardAtomic, payees, room, feeAtomic: whole === 0n ? rewardAtomic : feeAtomic };
};

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);

describe('a place in the window', () => {
  it('is credited by itself what the settlement of the whole block credits it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt(1n, 10n ** 20n), { minLength: 1, maxLength: 20 }),
        fc.oneof(fc.constant(0n), fc.bigInt(0n, 10n ** 21n)),
        fc.bigInt(0n, 10n ** 13n),
        fc.integer({ min: 0, max: 10_000 }),
        (works, boughtWork, rewardAtomic, feeBasisPoints) => {
          const weights = mergeWeights(works.map((work, i) => ({ account: `m${i}`, work })));
          const windowWork = sum(works);
          const block = { rewardAtomic, networkWork: 1n, foundAtMs: 0, finder: 'm0' };
          const terms = {
            scheme: 'pplns',
            window: { kind: 'work', networkBlocks: 1 },
            feeBasisPoints,
          } as const;
          const settled = settleBlock(terms, block, { inside: weights, boughtWork });
          const divided = dividedAtomic(rewardAtomic, { windowWork, boughtWork }, feeBasisPoints);
          const credits = windowPlaces(weights).map((place) => ({
            account: place.account,
            amountAtomic: partOfPlace(divided, place, windowWork),
          }));
          expect(credits.filter(({ amountAtomic }) => amountAtomic > 0n)).toEqual(settled.credits);
        },
      ),
      { numRuns: 2_000, seed: 14 },
    );
  });

  it('gets without the others what the division among all gives it, in 10,000 random windows', () => {
    const weightArb = fc.record({
      account: fc.constantFrom('alice', 'bob', 'carol', 'dave', 'erin'),
      work: fc.oneof(fc.bigInt(0n, 20n), fc.bigInt(0n, 2n ** 128n - 1n)),
    });
    fc.assert(
      fc.property(fc.array(weightArb, { minLength: 1 }), fc.bigInt(0n, 10n ** 30n), (history, total) => {
        const weights = mergeWeights(history);
        fc.pre(weights.length > 0);
        const whole = sum(weights.map(({ work }) => work));
        const parts = windowPlaces(weights).map((place) => partOfPlace(total, place, whole));
        expect(parts).toEqual(apportion(total, weights));
      }),
      { numRuns: 10_000, seed: 11 },
    );
  });
});

describe('planCoinbase', () => {
  it('spends the reward to the last unit and leaves the pool its fee and listed carries, in 10,000 random blocks', () => {
    fc.assert(
      fc.property(blockArb, (random) => {
        const block = settle(random);
        const { payments, poolAtomic } = planCoinbase(block);
        const due = new Map(block.payees.map((payee) => [payee.account, payee]));
        expect(sum(payments.map(({ amountAtomic }) => amountAtomic)) + poolAtomic).toBe(block.rewardAtomic);
        const paidShares = sum(
          payments.map(({ amountAtomic, carriedAtomic }) => amountAtomic - carriedAtomic),
        );
        const paidCarries = sum(payments.map(({ carriedAtomic }) => carriedAtomic));
        const leftOwing = block.rewardAtomic - block.feeAtomic - paidShares;
        expect(poolAtomic).toBe(block.feeAtomic + leftOwing - paidCarries);
        expect(poolAtomic >= 0n && leftOwing >= 0n).toBe(true);
        let bytes = 0;
        for (const { account, amountAtomic, carriedAtomic } of payments) {
          const payee = due.get(account);
          due.delete(account);
          bytes += payee?.outputBytes ?? Number.NaN;
          // Nobody loses a unit of his share to somebody else's carry, nobody gets more than he is owed.
          expect(amountAtomic - carriedAtomic).toBe(payee?.creditAtomic);
          expect(carriedAtomic <= (payee?.carriedAtomic ?? -1n)).toBe(true);
          expect(amountAtomic > 0n && amountAtomic >= (payee?.minimumAtomic ?? 0n)).toBe(true);
        }
        expect(payments.length <= block.room.outputs && bytes <= block.room.bytes).toBe(true);
      }),
      { numRuns: 10_000, seed: 12 },
    );
  });

  it('does not depend on the order in which miners are listed', () => {
    fc.assert(
      fc.property(blockArb, fc.infiniteStream(fc.nat()), (random, keys) => {
        const block = settle(random);
        const payees = block.payees
          .map((payee) => ({ payee, key: keys.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ payee }) => payee);
        expect(planCoinbase({ ...block, payees })).toEqual(planCoinbase(block));
      }),
      { numRuns: 1_000, seed: 13 },
    );
  });

  const payee = (account: string, creditAtomic: bigint, carriedAtomic = 0n): DuePayee => ({
    account,
    creditAtomic,
    carriedAtomic,
    outputBytes: 31,
    minimumAtomic: 100n,
  });
  const room = { outputs: 10, bytes: 1_000 };

  it('carries a share below the minimum, and pays it as soon as share and carry reach it', () => {
    const payees = [payee('big', 950n), payee('small', 40n)];
    const first = planCoinbase({ rewardAtomic: 1_000n, payees, room });
    expect(first).toEqual({
      payments: [{ account: 'big', amountAtomic: 950n, carriedAtomic: 0n }],
      poolAtomic: 50n,
    });
    const later = planCoinbase({
      rewardAtomic: 1_000n,
      payees: [payee('big', 910n), payee('small', 60n, 40n)],
      room,
    });
    // The fee of 30 goes first; the ten that are missing would leave less than is worth an output.
    expect(later.payments).toEqual([{ account: 'big', amountAtomic: 910n, carriedAtomic: 0n }]);
    const last = planCoinbase({
      rewardAtomic: 1_000n,
      payees: [payee('big', 890n), payee('small', 60n, 40n)],
      room,
    });
    expect(last).toEqual({
      payments: [
        { account: 'big', amountAtomic: 890n, carriedAtomic: 0n },
        { account: 'small', amountAtomic: 100n, carriedAtomic: 40n },
      ],
      poolAtomic: 10n,
    });
  });

  it('pays the largest sums first where there is room for some only', () => {
    const payees = [payee('a', 300n), payee('b', 200n, 150n), payee('c', 250n), payee('d', 200n)];
    const { payments, poolAtomic } = planCoinbase({
      rewardAtomic: 1_000n,
      payees,
      room: { outputs: 2, bytes: 62 },
    });
    expect(payments).toEqual([
      { account: 'b', amountAtomic: 350n, carriedAtomic: 150n },
      { account: 'a', amountAtomic: 300n, carriedAtomic: 0n },
    ]);
    expect(poolAtomic).toBe(350n);
  });

  it('refuses input that no window can produce', () => {
    const twice = [payee('a', 1n), payee('a', 2n)];
    expect(() => planCoinbase({ rewardAtomic: 10n, payees: twice, room })).toThrow(RewardError);
    expect(() => planCoinbase({ rewardAtomic: 1n, payees: [payee('a', 2n)], room })).toThrow(RewardError);
    expect(() => planCoinbase({ rewardAtomic: 1n, payees: [payee('a', 0n, -1n)], room })).toThrow(
      RewardError,
    );
    expect(() => partOfPlace(1n, { before: 2n, work: 2n }, 3n)).toThrow(RewardError);
  });
});
