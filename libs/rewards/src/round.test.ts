import fc from 'fast-check';
import { intersectRanges, type LogRange, subtractRanges } from './ranges.ts';
import { roundsOf } from './round.ts';

const range = (from: number, to: number): LogRange => ({ from: BigInt(from), to: BigInt(to) });

const positions = (ranges: readonly LogRange[]): Set<number> => {
  const all = new Set<number>();
  for (const { from, to } of ranges) for (let at = from; at <= to; at++) all.add(Number(at));
  return all;
};

const rangesArb = fc.array(
  fc.tuple(fc.nat(40), fc.nat(12)).map(([from, length]) => range(from, from + length)),
  { maxLength: 6 },
);

/** Apart, in order. */
const disjointArb = rangesArb.map((ranges) =>
  subtractRanges([range(0, 60)], subtractRanges([range(0, 60)], ranges)),
);

describe('ranges of the log', () => {
  it('are taken apart as sets of positions are, in 10,000 random cases', () => {
    fc.assert(
      fc.property(disjointArb, rangesArb, (whole, taken) => {
        const [inWhole, inTaken] = [positions(whole), positions(taken)];
        const left = subtractRanges(whole, taken);
        expect(positions(left)).toEqual(new Set([...inWhole].filter((at) => !inTaken.has(at))));
        const shared = new Set([...inWhole].filter((at) => inTaken.has(at)));
        expect(positions(intersectRanges(whole, taken))).toEqual(shared);
        left.slice(1).forEach(({ from }, i) => expect(from > (left[i]?.to ?? 0n)).toBe(true));
      }),
      { numRuns: 10_000, seed: 7 },
    );
  });
});

describe('the round of PROP', () => {
  it('reaches back to the block before', () => {
    const [round] = roundsOf({ to: 30n, paid: [range(0, 20)], last: [range(11, 20)] });
    expect(round).toEqual([range(21, 30)]);
  });

  it('takes over the round of an orphan between two blocks that stand', () => {
    const [round] = roundsOf({ to: 40n, paid: [range(0, 10), range(21, 30)], last: [range(21, 30)] });
    expect(round).toEqual([range(11, 20), range(31, 40)]);
  });

  it('is that of the block before where the two were found in one batch', () => {
    expect(roundsOf({ to: 20n, paid: [range(0, 20)], last: [range(11, 20)] })).toEqual([[], [range(11, 20)]]);
  });
});
