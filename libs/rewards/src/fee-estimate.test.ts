import { estimateFees, FEE_SAMPLES, type FeeSample, feeSamplesBelow } from './fee-estimate.ts';

const sample = (height: number, feesAtomic: bigint): FeeSample => ({
  height,
  subsidyAtomic: 100n,
  feesAtomic,
});

describe('the estimate of fees', () => {
  it('is the mean of the heights that have ended, rounded down', () => {
    const samples = [sample(1, 10n), sample(2, 21n), sample(3, 1_000n)];
    expect(estimateFees(samples, 3)).toBe(15n);
    expect(estimateFees(samples, 1)).toBe(0n);
  });

  it('looks back by a fixed number of heights, newest first, in whatever order they come', () => {
    const samples = Array.from({ length: FEE_SAMPLES + 50 }, (_, i) => sample(1_000 - i, BigInt(1_000 - i)));
    expect(feeSamplesBelow(samples, 1_001).at(-1)?.height).toBe(901);
    expect(estimateFees(samples, 1_001)).toBe(200n);
  });

  it('counts a height with twice its subsidy at most', () => {
    expect(estimateFees([sample(1, 1_000_000n), sample(2, 0n)], 3)).toBe(100n);
  });
});
