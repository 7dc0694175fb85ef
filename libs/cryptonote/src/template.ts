/**
 * A block template cut into the parts that never change, around the gap for an extra nonce. From them a
 * hashing blob for a session costs two short hashes and one per level of the tree; the native verifier gets
 * the same parts and does the same:
 *
 *   leaf = miner transaction hash of (minerTxPrefix, extra nonce, minerTxSuffix)
 *   blob = header, fold(leaf, merkleBranch), varint(txCount)
 */
import { type Block, parseBlock, withNonce } from './block.ts';
import { assertLength, concatBytes } from './bytes.ts';
import { CryptonoteError } from './errors.ts';
import { MAX_SHARE_EXTRA_NONCE_BYTES } from './limits.ts';
import { RCT_TYPE_NULL, hashMinerTx } from './miner-tx.ts';
import { foldTreeBranch, treeBranch } from './tree-hash.ts';
import { findExtraNonce } from './tx-extra.ts';
import { encodeVarint } from './varint.ts';

/** Copies: the blob may be reused or changed. Treat them as read-only. */
export interface TemplateParts {
  readonly height: number;
  readonly majorVersion: number;
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly prevId: Uint8Array;
  readonly rewardAtomic: bigint;
  /** Up to and with the nonce, as in the template. */
  readonly header: Uint8Array;
  /** In header, hashing blob and block. */
  readonly nonceOffset: number;
  readonly minerTxVersion: 1 | 2;
  /** Prefix of the miner transaction before and after the extra nonce; RingCT's byte is not part of it. */
  readonly minerTxPrefix: Uint8Array;
  readonly minerTxSuffix: Uint8Array;
  readonly extraNonceBytes: number;
  /** For leaf 0, from the leaf upwards, 32 bytes each, flat. */
  readonly merkleBranch: Uint8Array;
  /** With the miner transaction. */
  readonly txCount: number;
  /** Ids of the other transactions, flat. */
  readonly txHashes: Uint8Array;
}

export interface TemplateOptions {
  readonly blob: Uint8Array;
  /** As monerod tells it: where in the blob the reserved bytes start. */
  readonly reservedOffset: number;
  /** How many of them the pool uses; the rest stays as it is in the blob. */
  readonly extraNonceBytes: number;
}

export const describeTemplate = ({ blob, reservedOffset, extraNonceBytes }: TemplateOptions): TemplateParts =>
  splitBlock(parseBlock(blob), reservedOffset, extraNonceBytes);

export const splitBlock = (block: Block, reservedOffset: number, extraNonceBytes: number): TemplateParts => {
  assertReserved(block, reservedOffset, extraNonceBytes);
  const { blob, header, minerTx, txHashes, txCount } = block;
  const { start, prefixEnd } = minerTx.span;
  return {
    height: minerTx.height,
    majorVersion: header.majorVersion,
    timestamp: header.timestamp,
    prevId: header.prevId.slice(),
    rewardAtomic: minerTx.rewardAtomic,
    header: blob.slice(0, start),
    nonceOffset: header.nonceOffset,
    minerTxVersion: minerTx.version,
    minerTxPrefix: blob.slice(start, reservedOffset),
    minerTxSuffix: blob.slice(reservedOffset + extraNonceBytes, prefixEnd),
    extraNonceBytes,
    merkleBranch: treeBranch(txHashes),
    txCount,
    txHashes: txHashes.slice(),
  };
};

/** Bytes written anywhere but inside the nonce field would change keys or amounts. */
const assertReserved = ({ minerTx }: Block, reservedOffset: number, extraNonceBytes: number): void => {
  if (
    !Number.isInteger(extraNonceBytes) ||
    extraNonceBytes < 0 ||
    extraNonceBytes > MAX_SHARE_EXTRA_NONCE_BYTES
  ) {
    throw new CryptonoteError('EXTRA_NONCE_LENGTH', `an extra nonce of ${extraNonceBytes} bytes`);
  }
  const nonce = findExtraNonce(minerTx.extra);
  if (nonce === undefined)
    throw new CryptonoteError('RESERVED_SPACE', 'the miner transaction has no nonce field');
  const from = minerTx.span.extra + nonce.offset;
  const to = from + nonce.bytes.length;
  const inside =
    Number.isInteger(reservedOffset) && reservedOffset >= from && reservedOffset + extraNonceBytes <= to;
  if (!inside) {
    const wanted = `${reservedOffset} to ${reservedOffset + extraNonceBytes}`;
    throw new CryptonoteError('RESERVED_SPACE', `nonce field is at ${from} to ${to}, not around ${wanted}`);
  }
};

const minerTxPrefixWith = (parts: TemplateParts, extraNonce: Uint8Array): Uint8Array => {
  assertLength(extraNonce, parts.extraNonceBytes, 'EXTRA_NONCE_LENGTH');
  return concatBytes(parts.minerTxPrefix, extraNonce, parts.minerTxSuffix);
};

export const minerTxHash = (parts: TemplateParts, extraNonce: Uint8Array): Uint8Array =>
  hashMinerTx(parts.minerTxVersion, minerTxPrefixWith(parts, extraNonce));

/** A fresh buffer, with the template's nonce (zero from monerod). */
export const hashingBlob = (parts: TemplateParts, extraNonce: Uint8Array): Uint8Array =>
  concatBytes(
    parts.header,
    foldTreeBranch(minerTxHash(parts, extraNonce), parts.merkleBranch),
    encodeVarint(parts.txCount),
  );

/** The whole block with the template's nonce: what a proxy is given, to write its own nonces into. */
export const templateBlob = (parts: TemplateParts, extraNonce: Uint8Array): Uint8Array =>
  concatBytes(
    parts.header,
    minerTxPrefixWith(parts, extraNonce),
    parts.minerTxVersion === 2 ? Uint8Array.of(RCT_TYPE_NULL) : new Uint8Array(),
    encodeVarint(parts.txCount - 1),
    parts.txHashes,
  );

/** The whole block with the nonce that was found: what `submit_block` takes, in hex. */
export const blockBlob = (parts: TemplateParts, extraNonce: Uint8Array, nonce: Uint8Array): Uint8Array =>
  withNonce(templateBlob(parts, extraNonce), parts.nonceOffset, nonce);
