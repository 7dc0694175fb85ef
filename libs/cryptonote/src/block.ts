/**
 * Block blobs (what templates and submit_block hold: header, miner transaction, transaction ids) and hashing
 * blobs (what is mined: header, tree root, count). Parsed parts are views into the blob.
 */
import { ByteReader } from './byte-reader.ts';
import { assertLength, concatBytes, keccak256 } from './bytes.ts';
import { CryptonoteError } from './errors.ts';
import { HASH_BYTES, MAX_BLOCK_BLOB_BYTES, MAX_HASHING_BLOB_BYTES, NONCE_BYTES } from './limits.ts';
import { type MinerTx, hashMinerTx, readMinerTx } from './miner-tx.ts';
import { foldTreeBranch, treeBranch } from './tree-hash.ts';
import { encodeVarint } from './varint.ts';

export interface BlockHeader {
  readonly majorVersion: number;
  readonly minorVersion: number;
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly prevId: Uint8Array;
  /** The four bytes as they stand in the blob and in Stratum's hex. */
  readonly nonce: Uint8Array;
  /** Of the nonce, in block and hashing blob alike. */
  readonly nonceOffset: number;
}

export interface Block {
  readonly blob: Uint8Array;
  readonly header: BlockHeader;
  readonly minerTx: MinerTx;
  /** Ids of the other transactions, flat. */
  readonly txHashes: Uint8Array;
  /** With the miner transaction. */
  readonly txCount: number;
}

const readHeader = (reader: ByteReader): BlockHeader => ({
  // monerod keeps both versions in a byte.
  majorVersion: reader.number(0xff, 'major version'),
  minorVersion: reader.number(0xff, 'minor version'),
  timestamp: reader.number(Number.MAX_SAFE_INTEGER, 'timestamp'),
  prevId: reader.take(HASH_BYTES, 'previous block id'),
  nonceOffset: reader.offset,
  nonce: reader.take(NONCE_BYTES, 'nonce'),
});

export const parseBlock = (blob: Uint8Array): Block => {
  if (blob.length > MAX_BLOCK_BLOB_BYTES) {
    throw new CryptonoteError('TOO_LONG', `a block of ${blob.length} bytes`);
  }
  const reader = new ByteReader(blob);
  const header = readHeader(reader);
  const minerTx = readMinerTx(reader);
  const others = reader.count(HASH_BYTES, 'transaction ids');
  const txHashes = reader.take(HASH_BYTES * others, 'transaction ids');
  reader.end();
  return { blob, header, minerTx, txHashes, txCount: others + 1 };
};

export const minerTxHashOf = ({ blob, minerTx }: Block): Uint8Array =>
  hashMinerTx(minerTx.version, blob.subarray(minerTx.span.start, minerTx.span.prefixEnd));

/** The hashing blob of a whole block, with the nonce that it has. */
export const hashingBlobOf = (block: Block): Uint8Array =>
  concatBytes(
    block.blob.subarray(0, block.minerTx.span.start),
    foldTreeBranch(minerTxHashOf(block), treeBranch(block.txHashes)),
    encodeVarint(block.txCount),
  );

/** The block's id. The proof of work is the RandomX hash of the same bytes without the length before them. */
export const blockIdOf = (hashingBlob: Uint8Array): Uint8Array =>
  keccak256(concatBytes(encodeVarint(hashingBlob.length), hashingBlob));

export interface HashingBlob extends BlockHeader {
  readonly treeRoot: Uint8Array;
  /** With the miner transaction. */
  readonly txCount: number;
}

/** For who receives a job: where its nonce is, and what it builds on. */
export const parseHashingBlob = (blob: Uint8Array): HashingBlob => {
  if (blob.length > MAX_HASHING_BLOB_BYTES) {
    throw new CryptonoteError('TOO_LONG', `a hashing blob of ${blob.length} bytes`);
  }
  const reader = new ByteReader(blob);
  const header = readHeader(reader);
  const treeRoot = reader.take(HASH_BYTES, 'tree root');
  const txCount = reader.number(Number.MAX_SAFE_INTEGER, 'transaction count');
  if (txCount === 0) throw new CryptonoteError('RANGE', 'a block has a miner transaction');
  reader.end();
  return { ...header, treeRoot, txCount };
};

/** A copy with this nonce. */
export const withNonce = (blob: Uint8Array, nonceOffset: number, nonce: Uint8Array): Uint8Array => {
  assertLength(nonce, NONCE_BYTES, 'NONCE_LENGTH');
  if (nonceOffset < 0 || nonceOffset + NONCE_BYTES > blob.length) {
    throw new CryptonoteError('NONCE_LENGTH', `no room for a nonce at ${nonceOffset}`);
  }
  const copy = blob.slice();
  copy.set(nonce, nonceOffset);
  return copy;
};
