/** The caches that shares of a height are judged with, and soon will be. */
import type { Epoch } from '@otedama/chain-params';
import type { VerifierContext } from '../shares/share-verifier.ts';

/** A cache takes a second to build; it is wanted the moment an epoch begins. */
const BLOCKS_AHEAD = 30;

export const epochContexts = (height: number, { endHeight }: Epoch): VerifierContext[] => {
  const current = { blockNumber: height };
  return endHeight - height > BLOCKS_AHEAD ? [current] : [current, { blockNumber: endHeight }];
};
