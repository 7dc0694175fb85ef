/**
 * Which block's id is the RandomX key: it changes every 2048 blocks, 64 blocks after the block that gives it,
 * so that everybody can prepare the next one (rx_seedheight in monerod).
 */
import { CryptonoteError } from './errors.ts';

export const SEED_EPOCH_BLOCKS = 2048;
export const SEED_LAG_BLOCKS = 64;

/** Height of the block whose id is the key for `height`. */
export const seedHeight = (height: number): number => {
  if (!Number.isSafeInteger(height) || height < 0) {
    throw new CryptonoteError('HEIGHT_RANGE', `not a block height: ${height}`);
  }
  if (height <= SEED_EPOCH_BLOCKS + SEED_LAG_BLOCKS) return 0;
  const settled = height - SEED_LAG_BLOCKS - 1;
  return settled - (settled % SEED_EPOCH_BLOCKS);
};

/** The key that is next: equal to the current one except in the 64 blocks before a change. */
export const nextSeedHeight = (height: number): number => seedHeight(height + SEED_LAG_BLOCKS);
