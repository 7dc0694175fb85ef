export type { AddressFormats, Algorithm, Coin, NetworkName, Subsidy } from './coin.ts';
export { BITCOIN_PLAYGROUND, coins, findCoin } from './coins.ts';
export { type ParsedAddress, encodeWitnessAddress, parseAddress } from './address.ts';
export {
  MAX_TARGET,
  TARGET_BYTES,
  bitsToTarget,
  targetFromLe,
  targetToBits,
  targetToLe,
  workOfTarget,
} from './target.ts';
export { difficultyToTarget, targetToDifficulty } from './difficulty.ts';
export { ChainParamsError } from './errors.ts';
