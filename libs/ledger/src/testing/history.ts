/** For tests alone: random histories of a pool, with all that can happen to its shares, blocks and terms. */
import type { RewardTerms, SchemeName, Split, Weight } from '@otedama/rewards';
import fc from 'fast-check';
import type { ChainState } from '../ledger/move-block.ts';

export type Step =
  /** A batch of the log. */
  | { readonly do: 'share'; readonly weights: readonly Weight[] }
  /** Found in the batch before it. A tie has the height of the block before. */
  | { readonly do: 'block'; readonly isTie: boolean; readonly rewardAtomic: bigint; readonly finder: string }
  /** With another reward where the chain tells one: uncles. */
  | {
      readonly do: 'move';
      readonly block: number;
      readonly to: ChainState;
      readonly rewardAtomic: bigint | undefined;
    }
  | { readonly do: 'terms'; readonly terms: RewardTerms }
  | {
      readonly do: 'network';
      readonly networkWork: bigint;
      readonly subsidyAtomic: bigint;
      readonly feesAtomic: bigint;
    }
  | { readonly do: 'buy' }
  | { readonly do: 'fund'; readonly amountAtomic: bigint }
  | { readonly do: 'pay'; readonly account: string };

export interface History {
  readonly terms: RewardTerms;
  readonly steps: readonly Step[];
}

const ACCOUNTS = ['alice', 'bob', 'carol', 'dave'];
const accountArb = fc.constantFrom(...ACCOUNTS);
const amountArb = fc.oneof(
  fc.bigInt(0n, 3n),
  fc.bigInt(0n, 1_000n),
  fc.bigInt(0n, 10n ** 12n),
  fc.bigInt(0n, 10n ** 22n),
);
const workArb = fc.oneof(fc.bigInt(0n, 3n), fc.bigInt(1n, 100n), fc.bigInt(1n, 2n ** 60n));

const splitsArb: fc.Arbitrary<readonly Split[]> = fc.oneof(
  fc.constant([]),
  fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 60 })).map(([own, other]) => [
    { address: 'alice', basisPoints: own },
    { address: 'erin', basisPoints: other },
  ]),
);

const termsArb = (scheme: fc.Arbitrary<SchemeName>): fc.Arbitrary<RewardTerms> =>
  fc.record({
    scheme,
    window: fc.constantFrom(0.5, 1, 2, 5).map((networkBlocks) => ({ kind: 'work' as const, networkBlocks })),
    feeBasisPoints: fc.integer({ min: 100, max: 10_000 }),
    splits: splitsArb,
    bankroll: fc.record({
      ruinProbability: fc.constantFrom(0.001, 0.5),
      floorAtomic: fc.oneof(fc.constant(0n), amountArb),
    }),
  });

const stepArb = (others: fc.Arbitrary<SchemeName>): fc.Arbitrary<Step> => {
  const share = fc.record({
    do: fc.constant('share' as const),
    weights: fc.array(fc.record({ account: accountArb, work: workArb }), { maxLength: 4 }),
  });
  const block = fc.record({
    do: fc.constant('block' as const),
    isTie: fc.boolean(),
    rewardAtomic: amountArb,
    finder: accountArb,
  });
  const move = fc.record({
    do: fc.constant('move' as const),
    block: fc.nat(3),
    to: fc.constantFrom<ChainState>('immature', 'matured', 'orphaned'),
    rewardAtomic: fc.option(amountArb, { nil: undefined, freq: 3 }),
  });
  const terms = fc.record({ do: fc.constant('terms' as const), terms: termsArb(others) });
  const network = fc.record({
    do: fc.constant('network' as const),
    networkWork: fc.oneof(fc.bigInt(1n, 200n), fc.bigInt(1n, 2n ** 62n)),
    subsidyAtomic: amountArb,
    feesAtomic: amountArb,
  });
  const buy = fc.record({ do: fc.constant('buy' as const) });
  const fund = fc.record({ do: fc.constant('fund' as const), amountAtomic: fc.bigInt(1n, 10n ** 22n) });
  const pay = fc.record({ do: fc.constant('pay' as const), account: accountArb });
  return fc.oneof(
    { arbitrary: share, weight: 8 },
    { arbitrary: block, weight: 4 },
    { arbitrary: move, weight: 7 },
    { arbitrary: terms, weight: 1 },
    { arbitrary: network, weight: 2 },
    { arbitrary: buy, weight: 2 },
    { arbitrary: fund, weight: 1 },
    { arbitrary: pay, weight: 2 },
  );
};

/** Of a pool that begins with a scheme and, when its terms change, mostly keeps it. */
export const historyArb = (scheme: SchemeName): fc.Arbitrary<History> => {
  const others = fc.oneof(
    { arbitrary: fc.constant(scheme), weight: 3 },
    { arbitrary: fc.constantFrom<SchemeName>('pplns', 'prop', 'solo', 'pps', 'fpps'), weight: 1 },
  );
  return fc.record({
    terms: termsArb(fc.constant(scheme)),
    steps: fc.array(stepArb(others), { minLength: 6, maxLength: 40, size: 'max' }),
  });
};
