/** The leaves of a receipt as one value: u64 sequence, 32 bytes hash each, little-endian. */
import type { ReceiptLeaf } from './interval.ts';

const HASH_BYTES = 32;
const LEAF_BYTES = 8 + HASH_BYTES;

export const encodeLeaves = (leaves: readonly Pick<ReceiptLeaf, 'sequence' | 'hash'>[]): Buffer => {
  const bytes = Buffer.alloc(leaves.length * LEAF_BYTES);
  leaves.forEach(({ sequence, hash }, i) => {
    bytes.writeBigUInt64LE(sequence, i * LEAF_BYTES);
    hash.copy(bytes, i * LEAF_BYTES + 8);
  });
  return bytes;
};

export interface StoredLeaves {
  readonly hashes: readonly Buffer[];
  /** Place of the batch of this sequence; -1 where it has none. */
  indexOf(sequence: bigint): number;
}

export const decodeLeaves = (bytes: Buffer): StoredLeaves => {
  const starts = Array.from({ length: bytes.length / LEAF_BYTES }, (_, i) => i * LEAF_BYTES);
  return {
    hashes: starts.map((at) => bytes.subarray(at + 8, at + LEAF_BYTES)),
    indexOf: (sequence) => starts.findIndex((at) => bytes.readBigUInt64LE(at) === sequence),
  };
};
