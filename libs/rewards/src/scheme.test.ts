import fc from 'fast-check';
import { createScheme, settleBlock, type BlockFacts, type RewardTerms } from './scheme.ts';
import { windowWeights, type WorkWindow } from './window.ts';
import type { Weight } from './split.ts';

const block: BlockFacts = { rewardAtomic: 1_000n, networkWork: 100n, foundAtMs: 10_000, finder: 'finder' };
const pplns: RewardTerms = {
  scheme: 'pplns',
  window: { kind: 'work', networkBlocks: 2 },
  feeBasisPoints: 100,
};

type Entry = readonly Weight[];
const workOf = (entry: Entry): bigint => entry.reduce((sum, { work }) => sum + work, 0n);

/** Walks back entry by entry, as the definition reads. */
const walkBack = (history: readonly Entry[], capacity: bigint): WorkWindow => {
  const inside: Weight[] = [];
  let left = capacity;
  for (const entry of history.toReversed()) {
    if (left === 0n) break;
    if (workOf(entry) > left) return { inside, edge: { weights: entry, workInside: left } };
    inside.push(...entry);
    left -= workOf(entry);
  }
  return { inside };
};

const entryArb = fc.array(
  fc.record({ account: fc.constantFrom('alice', 'bob', 'carol', 'dave'), work: fc.bigInt(0n, 10n ** 12n) }),
  { minLength: 1, maxLength: 5 },
);

describe('PPLNS', () => {
  it('holds exactly the work of the window, or all there is, in 10,000 random histories', () => {
    fc.assert(
      fc.property(fc.array(entryArb, { maxLength: 12 }), fc.bigInt(1n, 10n ** 13n), (history, capacity) => {
        const all = history.reduce((sum, entry) => sum + workOf(entry), 0n);
        const weights = windowWeights(walkBack(history, capacity));
        expect(workOf(weights)).toBe(all < capacity ? all : capacity);
      }),
      { numRuns: 10_000, seed: 4 },
    );
  });

  it('clips the oldest entry in proportion', () => {
    const edge = {
      weights: [
        { account: 'alice', work: 60n },
        { account: 'bob', work: 40n },
      ],
      workInside: 50n,
    };
    expect(windowWeights({ inside: [{ account: 'bob', work: 150n }], edge })).toEqual([
      { account: 'alice', work: 30n },
      { account: 'bob', work: 170n },
    ]);
  });

  it('shares the whole reward by what is in a window that is not full, and says how full it was', () => {
    const settlement = settleBlock(pplns, block, { inside: [{ account: 'alice', work: 5n }] });
    expect(settlement).toEqual({
      credits: [{ account: 'alice', amountAtomic: 990n }],
      splits: [],
      feeAtomic: 10n,
      bankrollAtomic: 0n,
      windowWork: 5n,
      windowCapacity: 200n,
    });
  });

  it('pays the finder of a block that came before any share', () => {
    expect(settleBlock(pplns, block).credits).toEqual([{ account: 'finder', amountAtomic: 990n }]);
  });

  it('looks back by fractions of a block and by time', () => {
    const half = createScheme({ ...pplns, window: { kind: 'work', networkBlocks: 0.5 } });
    expect(half.reach(block)).toEqual({ kind: 'work', work: 50n });
    const byTime = createScheme({ ...pplns, window: { kind: 'time', durationMs: 4_000 } });
    expect(byTime.reach(block)).toEqual({ kind: 'time', sinceMs: 6_000 });
  });

  it('refuses a window of no size', () => {
    const none = createScheme({ ...pplns, window: { kind: 'work', networkBlocks: 0 } });
    expect(() => none.reach(block)).toThrow('a window of 0 blocks');
  });
});

describe('SOLO', () => {
  it('pays the finder, minus the fee, whatever others did', () => {
    const window = { inside: [{ account: 'alice', work: 500n }] };
    expect(settleBlock({ ...pplns, scheme: 'solo' }, block, window)).toEqual({
      credits: [{ account: 'finder', amountAtomic: 990n }],
      splits: [],
      feeAtomic: 10n,
      bankrollAtomic: 0n,
      windowWork: 0n,
    });
  });
});

describe('PPS and FPPS', () => {
  const pps = { ...pplns, scheme: 'pps' } as const;

  it('give a block whose shares are all paid to the bankroll, without a fee', () => {
    expect(settleBlock(pps, block, { inside: [], boughtWork: 200n })).toEqual({
      credits: [],
      splits: [],
      feeAtomic: 0n,
      bankrollAtomic: 1_000n,
      windowWork: 200n,
      windowCapacity: 200n,
    });
  });

  it('share a block between the bankroll and those who were not paid by share', () => {
    const window = { inside: [{ account: 'alice', work: 50n }], boughtWork: 150n };
    expect(settleBlock({ ...pps, scheme: 'fpps' }, block, window)).toMatchObject({
      bankrollAtomic: 750n,
      credits: [{ account: 'alice', amountAtomic: 248n }],
      feeAtomic: 2n,
    });
  });

  it('leave a block that came before any share to its finder', () => {
    expect(settleBlock(pps, block).credits).toEqual([{ account: 'finder', amountAtomic: 990n }]);
  });
});
