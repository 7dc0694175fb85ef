export {
  type CoinbasePayment,
  type CoinbasePlan,
  type CoinbaseRoom,
  type DuePayee,
  type WindowPlace,
  partOfPlace,
  planCoinbase,
  windowPlaces,
} from './coinbase-payees.ts';
export { RewardError } from './errors.ts';
export {
  BASIS_POINTS,
  type Credit,
  type RewardSplit,
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
  type Settlement,
  createScheme,
  settleBlock,
} from './scheme.ts';
