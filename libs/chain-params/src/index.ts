export type {
  Algorithm,
  AuxPow,
  BitcoinCoin,
  Coin,
  CoinId,
  CryptonoteAddressFormats,
  CryptonoteCoin,
  DustRule,
  EthashCoin,
  HeaderAlgorithm,
  KawpowCoin,
  NetworkName,
  ScriptAddressFormats,
  ScriptCoin,
} from './coin.ts';
export { type CoinNamed, coins, findCoin } from './coins.ts';
export { BITCOIN_PLAYGROUND } from './coins/bitcoin.ts';
export { canMineBelow } from './merged-mining.ts';
export type { AccountPayee, AddressRefusal, CryptonotePayee, ScriptPayee } from './address/result.ts';
export type { ParsedAccountAddress } from './address/account-address.ts';
export type { ParsedCryptonoteAddress } from './address/cryptonote-address.ts';
export { type ParsedScriptAddress, encodeWitnessAddress } from './address/script-address.ts';
export { type ParsedAddress, parseAddress } from './address.ts';
export {
  type EmissionSubsidy,
  type EraSubsidy,
  type HalvingSubsidy,
  type UncleRewards,
  blockSubsidy,
  emissionSubsidy,
  uncleRewards,
} from './subsidy.ts';
export { dustLimitAtomic } from './dust.ts';
export { type Epoch, epochAt, epochSeed, nextEpochSeed, seedHeightAt } from './epochs.ts';
export {
  MAX_TARGET,
  TARGET_BYTES,
  bitsToTarget,
  targetFromLe,
  targetToBits,
  targetToLe,
  workOfTarget,
} from './target.ts';
export { type DifficultyScale, difficultyToTarget, targetToDifficulty } from './difficulty.ts';
export { type CompactTargetBytes, compactTargetDifficulty, encodeCompactTarget } from './compact-target.ts';
export { ChainParamsError } from './errors.ts';
