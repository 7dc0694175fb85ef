/**
 * PPS and FPPS: work has a price when it is accepted. A rate is a whole number of 2^-128 atomic units an expected
 * hash, rounded up once, so that a round sum is reached; earnings are whole numbers of the same, and what does not make a unit is carried to the
 * miner's next credit. So sums do not depend on where an interval of credits ends, and nothing is lost in time.
 */
import { RewardError } from './errors.ts';
import { BASIS_POINTS, type Credit, type Split, type Weight, inOrder } from './split.ts';

export const RATE_BITS = 128n;
const REMAINDER_MASK = (1n << RATE_BITS) - 1n;

/** What fixes the price of work. */
export interface ShareRate {
  /** Expected hashes of a block. */
  readonly networkWork: bigint;
  readonly subsidyAtomic: bigint;
  /** The estimate under FPPS, nothing under PPS. */
  readonly feesAtomic: bigint;
  readonly feeBasisPoints: number;
}

/** For so many basis points of what the work is worth. */
export const rateFor = (
  { networkWork, subsidyAtomic, feesAtomic }: ShareRate,
  basisPoints: number,
): bigint => {
  if (networkWork <= 0n) throw new RewardError('a rate without network work');
  const parts = (BigInt(basisPoints) * (subsidyAtomic + feesAtomic)) << RATE_BITS;
  const divisor = BigInt(BASIS_POINTS) * networkWork;
  return (parts + divisor - 1n) / divisor;
};

/** Of a miner: what the fee leaves. */
export const minerRate = (rate: ShareRate): bigint => rateFor(rate, BASIS_POINTS - rate.feeBasisPoints);

/** Work that was accepted at one rate. */
export interface PricedWork {
  readonly rate: ShareRate;
  readonly weights: readonly Weight[];
}

/** In 2^-128 atomic units, by account. */
export type Earnings = ReadonlyMap<string, bigint>;

/**
 * Operator splits are earned with every share, like the work itself. They are those of today: where shares were
 * accepted under a smaller fee, the bankroll bears the rest.
 */
export const earningsOf = (priced: readonly PricedWork[], splits: readonly Split[]): Earnings => {
  const earned = new Map<string, bigint>();
  const add = (account: string, amount: bigint): void => {
    if (amount > 0n) earned.set(account, (earned.get(account) ?? 0n) + amount);
  };
  for (const { rate, weights } of priced) {
    const own = minerRate(rate);
    for (const { account, work } of weights) add(account, work * own);
    const whole = weights.reduce((sum, { work }) => sum + work, 0n);
    for (const { address, basisPoints } of splits) add(address, whole * rateFor(rate, basisPoints));
  }
  return earned;
};

export interface EarningsSettled {
  /** Ordered by account; nobody is listed with nothing. */
  readonly credits: readonly Credit[];
  /** Sum of the credits: what the bankroll pays. */
  readonly amountAtomic: bigint;
  /** Below one unit each; of every account with earnings. */
  readonly remainders: Earnings;
}

export const settleEarnings = (earned: Earnings, carried: Earnings): EarningsSettled => {
  const remainders = new Map<string, bigint>();
  const credits: Credit[] = [];
  for (const [account, amount] of earned) {
    const whole = amount + (carried.get(account) ?? 0n);
    remainders.set(account, whole & REMAINDER_MASK);
    if (whole > REMAINDER_MASK) credits.push({ account, amountAtomic: whole >> RATE_BITS });
  }
  return {
    credits: credits.sort(inOrder),
    amountAtomic: credits.reduce((sum, { amountAtomic }) => sum + amountAtomic, 0n),
    remainders,
  };
};
