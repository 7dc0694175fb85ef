/** Blocks from the store that all gateways of a fleet share (libs/bus). */
import type { BlockAllocator } from '@otedama/bus/nats';
import type { ExtranonceBlocks } from './blocks.ts';

/** `create` is told what to call when the blocks were lost. */
export const createFleetBlocks = (create: (onLost: () => void) => BlockAllocator): ExtranonceBlocks => {
  const listeners = new Set<() => void>();
  const allocator = create(() => {
    for (const listener of listeners) listener();
  });
  const { blockSize } = allocator;
  return {
    blockSize,
    claim: async () => (await allocator.take()).first / blockSize,
    join: (block) => allocator.join(block * blockSize),
    // A block that stays listed for nothing is free again when this gateway ends.
    leave: (block) => void allocator.leave(block * blockSize).catch(() => undefined),
    isShared: (block) => allocator.isShared(block * blockSize),
    onLost(listener) {
      listeners.add(listener);
      return { unsubscribe: () => listeners.delete(listener) };
    },
  };
};
