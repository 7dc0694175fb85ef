/** A receipt: one interval of a pool, chained to the one before. Whoever keeps one digest holds all before it fixed. */
import { HASH_BYTES, sha256 } from './tree.ts';

/** Neither a leaf nor a node: those begin with 0x00 and 0x01. */
const RECEIPT_PREFIX = 0x02;
const RECEIPT_TAG = Buffer.from('otedama-receipt-1', 'ascii');

/** The predecessor of a pool's first receipt. */
export const NO_RECEIPT = Buffer.alloc(HASH_BYTES);

export interface ReceiptHead {
  readonly pool: string;
  /** 1, 2, 3, ... within the pool. */
  readonly number: bigint;
  /** The part of the log of shares that it covers: after `afterSequence`, up to `toSequence`. */
  readonly afterSequence: bigint;
  readonly toSequence: bigint;
  readonly closedAtMs: number;
  readonly batches: number;
  readonly shares: bigint;
  /** Of the tree over its batches. */
  readonly root: Buffer;
  /** Digest of the receipt before. */
  readonly previous: Buffer;
}

export const receiptDigest = (head: ReceiptHead): Buffer => {
  const pool = Buffer.from(head.pool, 'ascii');
  const numbers = Buffer.alloc(44);
  numbers.writeBigUInt64LE(head.number, 0);
  numbers.writeBigUInt64LE(head.afterSequence, 8);
  numbers.writeBigUInt64LE(head.toSequence, 16);
  numbers.writeBigUInt64LE(BigInt(head.closedAtMs), 24);
  numbers.writeUInt32LE(head.batches, 32);
  numbers.writeBigUInt64LE(head.shares, 36);
  return sha256(
    Buffer.concat([
      Buffer.of(RECEIPT_PREFIX),
      RECEIPT_TAG,
      Buffer.of(pool.length),
      pool,
      numbers,
      head.root,
      head.previous,
    ]),
  );
};
