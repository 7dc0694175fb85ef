/** For tests alone: blocks by number, as a validator tells of them. */
import type { BlockEvent } from '@otedama/contracts';

export const hashOf = (number: number): string => number.toString(16).padStart(64, '0');

/** Builds on the block of the number before it. */
export const blockEvent = (number: number, over: Partial<BlockEvent> = {}): BlockEvent => ({
  poolId: 'main',
  coin: 'bitcoin',
  height: 100 + number,
  hash: hashOf(number),
  prevHash: hashOf(number - 1),
  coinbaseTxid: hashOf(number + 1_000),
  rewardAtomic: '5000000000',
  networkWork: '100',
  address: 'alice',
  worker: 'rig',
  batchId: '00'.repeat(16),
  foundAtMs: 1_700_000_000_000,
  outcome: 'accepted',
  ...over,
});
