/**
 * The bankroll of an operator who pays by share and so takes the luck of the pool. What reserve keeps the probability
 * of ruin below a wanted one is Rosenfeld's: R = -ln(p) * B / (2 f), with B the reward of a block and f the part of it
 * that stays with the operator (Analysis of Bitcoin Pooled Mining Reward Systems, section 3).
 */
import { RewardError } from './errors.ts';
import { BASIS_POINTS } from './split.ts';

export interface BankrollTerms {
  /** Of the operator's being ruined ever, if he keeps the reserve. */
  readonly ruinProbability: number;
  /** Shares are paid as long as this much is left. */
  readonly floorAtomic: bigint;
}

const MILLIONTHS = 1_000_000;

/** Undefined: without an edge for the operator no reserve is enough. Rounded up. */
export const reserveAtomic = (
  rewardAtomic: bigint,
  edgeBasisPoints: number,
  { ruinProbability }: BankrollTerms,
): bigint | undefined => {
  if (!(ruinProbability > 0 && ruinProbability < 1)) {
    throw new RewardError(`a ruin probability of ${ruinProbability}`);
  }
  if (edgeBasisPoints <= 0) return undefined;
  const factor = BigInt(Math.ceil(-Math.log(ruinProbability) * MILLIONTHS));
  const divisor = 2n * BigInt(edgeBasisPoints) * BigInt(MILLIONTHS);
  return (rewardAtomic * factor * BigInt(BASIS_POINTS) + divisor - 1n) / divisor;
};

export interface BankrollState {
  /** Shares are paid; else the breaker is open and blocks pay their work. */
  readonly pays: boolean;
  /** Without what is immature: a block that is orphaned pays nobody. */
  readonly bankrollAtomic: bigint;
  readonly floorAtomic: bigint;
  readonly reserveAtomic: bigint | undefined;
  readonly rewardAtomic: bigint;
}

/**
 * Whether the next shares, which come to `dueAtomic`, are paid out of the bankroll. The breaker opens when they would
 * take it below its floor. It closes when the reserve is there again, so that it does not open and close by turns;
 * where no reserve is enough, with a block's reward above the floor.
 */
export const paysNext = (state: BankrollState, dueAtomic: bigint): boolean => {
  const { pays, bankrollAtomic, floorAtomic, rewardAtomic, reserveAtomic: reserve } = state;
  const left = bankrollAtomic - dueAtomic;
  if (pays || left < floorAtomic) return left >= floorAtomic;
  return left >= (reserve ?? floorAtomic + rewardAtomic);
};
