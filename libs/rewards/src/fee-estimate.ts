/**
 * What FPPS takes the transaction fees of a block for: the mean of the last heights that have ended, each with the
 * fees of the template that was mined there last. All of it stands in the share log, so that anybody who has the log
 * comes to the same number. An average of what was, not a promise: it follows the fees by half its length.
 */

/** What the last template of a height would have earned beyond the subsidy. */
export interface FeeSample {
  readonly height: number;
  readonly subsidyAtomic: bigint;
  readonly feesAtomic: bigint;
}

/** Heights in the mean: of Bitcoin most of a day. */
export const FEE_SAMPLES = 100;
/**
 * A height counts with twice its subsidy at most: a fee that somebody paid by mistake is in no block of ours unless
 * we are lucky, and is not to be paid to every share of a day.
 */
const MAX_SUBSIDIES = 2n;

const byHeightDown = (a: FeeSample, b: FeeSample): number => b.height - a.height;

/** The samples that the estimate for shares of this height is made of, newest first. */
export const feeSamplesBelow = (samples: Iterable<FeeSample>, height: number): readonly FeeSample[] =>
  Array.from(samples)
    .filter((sample) => sample.height < height)
    .sort(byHeightDown)
    .slice(0, FEE_SAMPLES);

/** Zero until a first height has ended. Rounded down. */
export const estimateFees = (samples: Iterable<FeeSample>, height: number): bigint => {
  const counted = feeSamplesBelow(samples, height);
  const sum = counted.reduce((total, { feesAtomic, subsidyAtomic }) => {
    const most = MAX_SUBSIDIES * subsidyAtomic;
    return total + (feesAtomic < most ? feesAtomic : most);
  }, 0n);
  return counted.length === 0 ? 0n : sum / BigInt(counted.length);
};
