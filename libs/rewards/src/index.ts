export { type BankrollState, type BankrollTerms, paysNext, reserveAtomic } from './bankroll.ts';
export {
  type CoinbasePayment,
  type CoinbasePlan,
  type CoinbaseRoom,
  type DuePayee,
  type WindowPlace,
  type WindowTotals,
  dividedAtomic,
  partOfPlace,
  planCoinbase,
  windowPlaces,
} from './coinbase-payees.ts';
export { RewardError } from './errors.ts';
export { FEE_SAMPLES, type FeeSample, estimateFees, feeSamplesBelow } from './fee-estimate.ts';
export { type LogRange, intersectRanges, subtractRanges } from './ranges.ts';
export { type RoundFacts, roundsOf } from './round.ts';
export {
  type Earnings,
  type EarningsSettled,
  type PricedWork,
  RATE_BITS,
  type ShareRate,
  earningsOf,
  minerRate,
  rateFor,
  settleEarnings,
} from './share-rate.ts';
export {
  BASIS_POINTS,
  type Credit,
  type FeeTerms,
  type RewardSplit,
  type Split,
  type Weight,
  apportion,
  mergeWeights,
  splitReward,
} from './split.ts';
export { EMPTY_WINDOW, type WindowReach, type WorkWindow, windowWeights } from './window.ts';
export {
  type BlockFacts,
  type BlockScheme,
  type PplnsWindow,
  type RewardTerms,
  type SchemeName,
  type Settlement,
  createScheme,
  paysByShare,
  settleBlock,
} from './scheme.ts';
