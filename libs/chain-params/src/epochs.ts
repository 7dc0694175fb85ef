/**
 * Which dataset a height is mined with: epochs of Ethash and its kin with their seeds, seed blocks of
 * RandomX. Heights only; sizes and items are the native core's.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';

import type { CryptonoteCoin, EthashCoin, KawpowCoin } from './coin.ts';
import { ChainParamsError } from './errors.ts';
import { assertHeight } from './height.ts';

export interface Epoch {
  readonly epoch: number;
  readonly epochBlocks: number;
  /** The first height that has another epoch. */
  readonly endHeight: number;
  /** How often zero is hashed for the seed: not the epoch itself once epochs were doubled. */
  readonly seedRounds: number;
}

/** Seed rounds that a height of 2^31 would have on any chain here; above it is a caller's mistake. */
const MAX_SEED_ROUNDS = 300_000;
const SEED_BYTES = 32;

export const epochAt = (coin: EthashCoin | KawpowCoin, height: number): Epoch => {
  assertHeight(height);
  const doublesAt = coin.family === 'ethash' ? coin.epochDoublesAt : undefined;
  const doubled = doublesAt !== undefined && height >= doublesAt;
  const epochBlocks = doubled ? 2 * coin.epochBlocks : coin.epochBlocks;
  const epoch = Math.floor(height / epochBlocks);
  const end = (epoch + 1) * epochBlocks;
  return {
    epoch,
    epochBlocks,
    endHeight: doubled || doublesAt === undefined ? end : Math.min(end, doublesAt),
    seedRounds: doubled ? 2 * epoch : epoch,
  };
};

/** One round further in the chain of seeds. */
export const nextEpochSeed = (seed: Uint8Array): Uint8Array => keccak_256(seed);

/** Keccak-256 of 32 zero bytes, `rounds` times over: what miners are told in place of the epoch. */
export const epochSeed = (rounds: number): Uint8Array => {
  if (!Number.isInteger(rounds) || rounds < 0 || rounds > MAX_SEED_ROUNDS) {
    throw new ChainParamsError('HEIGHT_RANGE', `no epoch has ${rounds} seed rounds`);
  }
  let seed: Uint8Array = new Uint8Array(SEED_BYTES);
  for (let round = 0; round < rounds; round++) seed = nextEpochSeed(seed);
  return seed;
};

/**
 * Height of the block whose hash is the RandomX key at `height`. That of `height + seedLagBlocks` is the
 * next key, known so long ahead.
 */
export const seedHeightAt = (coin: CryptonoteCoin, height: number): number => {
  assertHeight(height);
  const { seedEpochBlocks, seedLagBlocks } = coin;
  if (height <= seedEpochBlocks + seedLagBlocks) return 0;
  const settled = height - seedLagBlocks - 1;
  return settled - (settled % seedEpochBlocks);
};
