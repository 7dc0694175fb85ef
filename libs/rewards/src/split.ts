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

/** A recipient of a part of the operator's fee. */
export interface Split {
  readonly address: string;
  /** Of the reward. All of a pool come to its fee at most. */
  readonly basisPoints: number;
}

export interface RewardSplit {
  /** Ordered by account; nobody is listed with nothing. */
  readonly credits: readonly Credit[];
  /** As the credits, for the recipients of the operator's splits. */
  readonly splits: readonly Credit[];
  /** What the splits leave to the operator. */
  readonly feeAtomic: bigint;
}

export interface FeeTerms {
  readonly feeBasisPoints: number;
  readonly splits?: readonly Split[];
}

export const BASIS_POINTS = 10_000;

interface Owned {
  readonly account: string;
}

/** Code units, not a locale: the same order on every machine. */
export const inOrder = (a: Owned, b: Owned): number =>
  a.account < b.account ? -1 : a.account > b.account ? 1 : 0;

/** One weight per account, ordered by account, those without work left out. */
export const mergeWeights = (weights: Iterable<Weight>): Weight[] => {
  const byName = new Map<string, bigint>();
  for (const { account, work } of weights) {
    if (work < 0n) throw new RewardError(`negative work for ${account}`);
    if (work > 0n) byName.set(account, (byName.get(account) ?? 0n) + work);
  }
  return Array.from(byName, ([account, work]) => ({ account, work })).sort(inOrder);
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

const isBasisPoints = (value: number): boolean =>
  Number.isInteger(value) && value >= 0 && value <= BASIS_POINTS;

export const checkSplits = (splits: readonly Split[], feeBasisPoints: number): void => {
  const sum = splits.reduce((total, { basisPoints }) => total + basisPoints, 0);
  if (splits.some(({ basisPoints }) => !isBasisPoints(basisPoints)) || sum > feeBasisPoints) {
    throw new RewardError(`splits of ${sum} basis points out of a fee of ${feeBasisPoints}`);
  }
};

const partOf = (amount: bigint, basisPoints: number): bigint =>
  (amount * BigInt(basisPoints)) / BigInt(BASIS_POINTS);

const withAmount = (credits: readonly Credit[]): Credit[] =>
  credits.filter(({ amountAtomic }) => amountAtomic > 0n);

/** The fee is rounded down, and so are the splits: the last units belong to the miners, then to the operator. */
export const splitReward = (
  rewardAtomic: bigint,
  weights: readonly Weight[],
  { feeBasisPoints, splits = [] }: FeeTerms,
): RewardSplit => {
  if (!isBasisPoints(feeBasisPoints)) throw new RewardError(`fee of ${feeBasisPoints} basis points`);
  checkSplits(splits, feeBasisPoints);
  if (rewardAtomic < 0n) throw new RewardError('negative reward');
  const wholeFee = partOf(rewardAtomic, feeBasisPoints);
  const merged = mergeWeights(weights);
  const parts = apportion(rewardAtomic - wholeFee, merged);
  const given = splits.map(({ address, basisPoints }) => ({
    account: address,
    amountAtomic: partOf(rewardAtomic, basisPoints),
  }));
  return {
    credits: withAmount(merged.map(({ account }, i) => ({ account, amountAtomic: parts[i] ?? 0n }))),
    splits: withAmount(given).sort(inOrder),
    feeAtomic: given.reduce((left, { amountAtomic }) => left - amountAtomic, wholeFee),
  };
};
