/**
 * The epoch behind a seed hash: these dialects name no block, only what 32 zero bytes become when they are
 * hashed once per 30,000 blocks. Seeds are walked through once and kept, so that neither a new epoch nor a
 * seed of no epoch costs more than the rest of one walk.
 */
import { nextEpochSeed } from '@otedama/chain-params';
import { encodeHex } from '@otedama/stratum';

/** 61 million blocks of Ethereum Classic, due about 2040; the walk there takes a fraction of a second, once. */
export const MAX_SEED_ROUNDS = 2048;
const BLOCKS_PER_ROUND = 30_000;

const roundsBySeed = new Map<string, number>();
let last: Uint8Array = new Uint8Array(32);

const roundsOf = (seed: Uint8Array): number | undefined => {
  const wanted = encodeHex(seed);
  while (!roundsBySeed.has(wanted) && roundsBySeed.size <= MAX_SEED_ROUNDS) {
    roundsBySeed.set(encodeHex(last), roundsBySeed.size);
    last = nextEpochSeed(last);
  }
  return roundsBySeed.get(wanted);
};

/**
 * The first block that the seed can belong to; undefined for a seed of no epoch. Epochs of Etchash are twice as
 * long and take two rounds, so that an odd number of them means Ethash.
 */
export const blockOfSeed = (algorithm: 'ethash' | 'etchash', seed: Uint8Array): number | undefined => {
  const rounds = roundsOf(seed);
  if (rounds === undefined || (algorithm === 'etchash' && rounds % 2 !== 0)) return undefined;
  return rounds * BLOCKS_PER_ROUND;
};
