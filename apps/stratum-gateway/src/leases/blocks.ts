/**
 * Who may hand out which values of extranonce1. The values of one length are cut into blocks of consecutive
 * ones; a gateway claims blocks, and a session that goes on elsewhere takes its block's protection with it.
 */
import type { Subscription } from '@otedama/contracts';

export interface ExtranonceBlocks {
  /** Block n has the values from n * blockSize on. */
  readonly blockSize: number;
  /** A block that nobody has, ours to hand out from now on. Rejects when there is none, or nobody can say. */
  claim(): Promise<number>;
  /** A session with a value of this block lives on here: nobody may claim it. Rejects when that cannot be had. */
  join(block: number): Promise<void>;
  /** Nothing of it is in use here any more, nor can come back. */
  leave(block: number): void;
  /** Whether sessions of another gateway use values of it too. */
  isShared(block: number): Promise<boolean>;
  /** All so far could not be kept, and may be others' by now. */
  onLost(listener: () => void): Subscription;
}

export class ExtranonceError extends Error {
  override readonly name = 'ExtranonceError';
  readonly code = 'EXTRANONCE_EXHAUSTED';
}

/**
 * Bits of a value within its block, by the bytes of extranonce1. A block is in use for as long as one session
 * of it lives somewhere: so blocks are small against the space. They are large against a gateway, whose ten
 * thousand sessions need three to twenty of them.
 */
const BLOCK_BITS: Readonly<Record<number, number>> = { 2: 6, 3: 9, 4: 12 };

const blockSizeOf = (bytes: number): number => 2 ** (BLOCK_BITS[bytes] ?? 0);
const blockCountOf = (bytes: number): number => 2 ** (8 * bytes) / blockSizeOf(bytes);

export interface OwnBlocksOptions {
  readonly bytes: number;
  /** Begins at a block of its choice: a restart must not hand out what its earlier life did while those jobs live. */
  readonly randomBytes: (size: number) => Uint8Array;
  /** Fewer and smaller ones, to see the end of them. */
  readonly blockSize?: number;
  readonly blockCount?: number;
}

/** The whole space for one process: the embedded mode. */
export const createOwnBlocks = (options: OwnBlocksOptions): ExtranonceBlocks => {
  const { bytes, blockSize = blockSizeOf(bytes), blockCount = blockCountOf(bytes) } = options;
  const taken = new Set<number>();
  let next = Buffer.from(options.randomBytes(4)).readUInt32BE() % blockCount;
  return {
    blockSize,
    async claim() {
      if (taken.size >= blockCount) throw new ExtranonceError('every block of extranonces is in use');
      while (taken.has(next)) next = (next + 1) % blockCount;
      taken.add(next);
      return next;
    },
    async join(block) {
      taken.add(block);
    },
    leave: (block) => void taken.delete(block),
    isShared: async () => false,
    onLost: () => ({ unsubscribe: () => undefined }),
  };
};
