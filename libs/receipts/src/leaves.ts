/**
 * What is hashed of a share and of a batch. Numbers are little-endian, as in the share batch itself; docs/receipts.md
 * has the same for people who write a verifier of their own.
 */
import { type ShareBatchView, HEADER_BYTES, RECORD_BYTES } from '@otedama/contracts';
import { LEAF_PREFIX, merkleRoot, sha256 } from './tree.ts';

const SHARE_TAG = Buffer.from('otedama-share-1', 'ascii');
const BATCH_TAG = Buffer.from('otedama-batch-1', 'ascii');
const BATCH_ID_BYTES = 16;
/** Of a share whose account the table lacks, which no gateway writes: a share must not stop the books. */
const NO_ACCOUNT = Buffer.alloc(2);

/** The record as the log has it, its batch and place, and whose it is: `u8 length, address, u8 length, worker`. */
export interface ShareEvidence {
  readonly batchId: Buffer;
  readonly index: number;
  readonly record: Buffer;
  readonly account: Buffer;
}

export const shareEvidence = (batch: ShareBatchView, index: number): ShareEvidence => {
  const account = batch.accountBytes()[batch.accountIndex(index)] ?? NO_ACCOUNT;
  const at = HEADER_BYTES + index * RECORD_BYTES;
  return { batchId: batch.batchId, index, record: batch.bytes.subarray(at, at + RECORD_BYTES), account };
};

export const shareLeaf = ({ batchId, index, record, account }: ShareEvidence): Buffer => {
  const place = Buffer.alloc(2);
  place.writeUInt16LE(index);
  return sha256(Buffer.concat([Buffer.of(LEAF_PREFIX), SHARE_TAG, batchId, place, record, account]));
};

export const shareLeaves = (batch: ShareBatchView): Buffer[] =>
  Array.from({ length: batch.count }, (_, index) => shareLeaf(shareEvidence(batch, index)));

/** Root over the shares of a batch as the log has it; undefined where there are none. The native core has the same, some ten times faster. */
export const batchRoot = (batch: ShareBatchView): Buffer | undefined => merkleRoot(shareLeaves(batch));

/** A batch in the tree of its interval. */
export interface BatchEvidence {
  readonly batchId: Buffer;
  /** Position in the log of shares. */
  readonly sequence: bigint;
  readonly closedAtMs: number;
  /** Shares in it. */
  readonly count: number;
  /** What its shares are worth, where the log says so. */
  readonly worth: Buffer;
  readonly root: Buffer;
}

export const batchLeaf = ({ batchId, sequence, closedAtMs, count, worth, root }: BatchEvidence): Buffer => {
  const numbers = Buffer.alloc(19);
  numbers.writeBigUInt64LE(sequence, 0);
  numbers.writeBigUInt64LE(BigInt(closedAtMs), 8);
  numbers.writeUInt16LE(count, 16);
  numbers.writeUInt8(worth.length, 18);
  if (batchId.length !== BATCH_ID_BYTES) throw new RangeError('a batch id has 16 bytes');
  return sha256(Buffer.concat([Buffer.of(LEAF_PREFIX), BATCH_TAG, batchId, numbers, worth, root]));
};
