/** A receipt: one interval of a pool, chained to the one before. Whoever keeps one digest holds all before it fixed. */
import { HASH_BYTES, sha256 } from './tree.ts';

/** Neither a leaf nor a node: those begin with 0x00 and 0x01. */
const RECEIPT_PREFIX = 0x02;
const FIRST_TAG = Buffer.from('otedama-receipt-1', 'ascii');
const AUDITED_TAG = Buffer.from('otedama-receipt-2', 'ascii');

/** The predecessor of a pool's first receipt. */
export const NO_RECEIPT = Buffer.alloc(HASH_BYTES);

/** The last entry of the audit log; 0 and zeros: it had none. */
export interface AuditAnchor {
  readonly sequence: bigint;
  readonly hash: Buffer;
}

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
  /** Where the audit log had come to; undefined: it is from before there was one, and of the first format. */
  readonly audit?: AuditAnchor | undefined;
}

const anchorBytes = ({ sequence, hash }: AuditAnchor): Buffer => {
  const number = Buffer.alloc(8);
  number.writeBigUInt64LE(sequence);
  return Buffer.concat([number, hash]);
};

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
      head.audit === undefined ? FIRST_TAG : AUDITED_TAG,
      Buffer.of(pool.length),
      pool,
      numbers,
      head.root,
      head.previous,
      head.audit === undefined ? Buffer.alloc(0) : anchorBytes(head.audit),
    ]),
  );
};
