/**
 * Exact division of a whole number by weights. The n-th part is floor(total * W(n) / W) - floor(total * W(n-1) / W),
 * W(n) being the sum of the first n weights: the parts telescope, so they add up to the total to the last unit,
 * nobody is more than one unit away from the exact fraction, and no remainder account is needed.
 */
import { RewardError } from './errors.ts';

export interface Weight {
  readonly account: string;
  /** Expected hashes. */
  readonly work: bigint;
}

export interface Credit {
  readonly account: string;
  readonly amountAtomic: bigint;
}

export interface RewardSplit {
  /** Ordered by account; nobody is listed with nothing. */
  readonly credits: readonly Credit[];
  readonly feeAtomic: bigint;
}

export const BASIS_POINTS = 10_000;

/** Code units, not a locale: the same order on every machine. */
const byAccount = (a: Weight, b: Weight): number =>
  a.account < b.account ? -1 : a.account > b.account ? 1 : 0;

/** One weight per account, ordered by account, those without work left out. */
export const mergeWeights = (weights: Iterable<Weight>): Weight[] => {
  const byName = new Map<string, bigint>();
  for (const { account, work } of weights) {
    if (work < 0n) throw new RewardError(`negative work for ${account}`);
    if (work > 0n) byName.set(account, (byName.get(account) ?? 0n) + work);
  }
  return Array.from(byName, ([account, work]) => ({ account, work })).sort(byAccount);
};

/** Parts of `total` in the order of `weights`, which must hold some work. */
export const apportion = (total: bigint, weights: readonly Weight[]): bigint[] => {
  if (total < 0n) throw new RewardError('cannot divide a negative amount');
  const whole = weights.reduce((sum, { work }) => sum + work, 0n);
  if (whole <= 0n) throw new RewardError('nobody to divide among');
  let reached = 0n;
  let given = 0n;
  return weights.map(({ work }) => {
    reached += work;
    const upTo = (total * reached) / whole;
    const part = upTo - given;
    given = upTo;
    return part;
  });
};

/** The fee is rounded down: the last unit belongs to the miners. */
export const splitReward = (
  rewardAtomic: bigint,
  weights: readonly Weight[],
  feeBasisPoints: number,
): RewardSplit => {
  if (!Number.isInteger(feeBasisPoints) || feeBasisPoints < 0 || feeBasisPoints > BASIS_POINTS) {
    throw new RewardError(`fee of ${feeBasisPoints} basis points`);
  }
  if (rewardAtomic < 0n) throw new RewardError('negative reward');
  const feeAtomic = (rewardAtomic * BigInt(feeBasisPoints)) / BigInt(BASIS_POINTS);
  const merged = mergeWeights(weights);
  const parts = apportion(rewardAtomic - feeAtomic, merged);
  const credits = merged.map(({ account }, i) => ({ account, amountAtomic: parts[i] ?? 0n }));
  return { credits: credits.filter(({ amountAtomic }) => amountAtomic > 0n), feeAtomic };
};
