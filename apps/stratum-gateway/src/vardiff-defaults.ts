/** Where difficulty starts when the operator does not say: near what the slowest usual device needs. */
import type { BitcoinCoin, Coin } from '@otedama/chain-params';
import type { VardiffConfig } from '@otedama/config';

const COMMON = { maximumDifficulty: 1e15, targetShareIntervalMs: 10_000, retargetIntervalMs: 30_000 };

/** Chains for trying things, where a CPU is the usual miner and any hash may be a block. */
export const isTrialChain = (coin: Coin): boolean =>
  coin.network === 'regtest' || coin.network === 'playground';

export const vardiffDefaults = (coin: BitcoinCoin): VardiffConfig => {
  // Difficulty 1 is 2^32 hashes of SHA256d and 2^16 of Scrypt.
  const isScrypt = coin.algorithm === 'scrypt';
  if (isTrialChain(coin)) {
    const initialDifficulty = isScrypt ? 0.05 : 0.005;
    return { ...COMMON, initialDifficulty, minimumDifficulty: isScrypt ? 1e-4 : 1e-5 };
  }
  return { ...COMMON, initialDifficulty: isScrypt ? 64 : 1024, minimumDifficulty: isScrypt ? 0.01 : 0.001 };
};
