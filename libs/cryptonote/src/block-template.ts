/**
 * The answer of `get_block_template`, checked against the blob that it carries: a pool that builds hashing
 * blobs by itself must find the daemon's one, or it does not understand the block and must not mine it.
 */
import { hashingBlobOf, parseBlock } from './block.ts';
import { equalBytes, fromHex, isHex } from './bytes.ts';
import { CryptonoteError } from './errors.ts';
import { isCount, isHash, isRecord, parseWideDifficulty } from './json.ts';
import { MAX_BLOCK_BLOB_BYTES, MAX_HASHING_BLOB_BYTES } from './limits.ts';
import { seedHeight } from './seed.ts';
import { type TemplateParts, splitBlock } from './template.ts';

export interface BlockTemplate {
  readonly parts: TemplateParts;
  /** Of the network. */
  readonly difficulty: bigint;
  readonly seedHeight: number;
  /** Key of RandomX for this block. */
  readonly seedHash: Uint8Array;
  /** Told in the blocks before a change of the key. */
  readonly nextSeedHash: Uint8Array | undefined;
}

export type ParsedBlockTemplate =
  | { readonly ok: true; readonly template: BlockTemplate }
  | { readonly ok: false; readonly reason: string };

interface RawTemplate {
  readonly blob: string;
  readonly hashingBlob: string;
  readonly difficulty: bigint;
  readonly height: number;
  readonly prevHash: string;
  readonly reservedOffset: number;
  readonly seedHash: string;
  readonly nextSeedHash: string;
}

type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

const refuse = (reason: string): { readonly ok: false; readonly reason: string } => ({ ok: false, reason });

/** `extraNonceBytes` of those that were reserved are for the pool. */
export const parseBlockTemplate = (reply: unknown, extraNonceBytes: number): ParsedBlockTemplate => {
  const shape = checkShape(reply);
  if (!shape.ok) return refuse(`block template: ${shape.reason}`);
  try {
    return decode(shape.value, extraNonceBytes);
  } catch (error) {
    if (error instanceof CryptonoteError) return refuse(`block template: ${error.message}`);
    throw error;
  }
};

const checkShape = (reply: unknown): Checked<RawTemplate> => {
  if (!isRecord(reply)) return refuse('it is not an object');
  if (reply['status'] !== 'OK') return refuse('status is not OK');
  // Then it comes from a bootstrap daemon, because the one that was asked has not caught up.
  if (reply['untrusted'] === true) return refuse('the daemon does not vouch for it');
  const blob = reply['blocktemplate_blob'];
  if (!isHex(blob) || blob.length > 2 * MAX_BLOCK_BLOB_BYTES)
    return refuse('blocktemplate_blob is not a blob in hex');
  const hashingBlob = reply['blockhashing_blob'];
  if (!isHex(hashingBlob) || hashingBlob.length > 2 * MAX_HASHING_BLOB_BYTES) {
    return refuse('blockhashing_blob is not a blob in hex');
  }
  const difficulty = parseWideDifficulty(reply['wide_difficulty']);
  if (difficulty === undefined) return refuse('wide_difficulty is not a number in hex');
  const { height, prev_hash: prevHash, reserved_offset: reservedOffset, seed_hash: seedHash } = reply;
  if (!isCount(height)) return refuse('height is not a number');
  if (!isCount(reservedOffset)) return refuse('reserved_offset is not a number');
  if (!isHash(prevHash)) return refuse('prev_hash is not a hash');
  if (!isHash(seedHash)) return refuse('seed_hash is not a hash');
  const nextSeedHash = reply['next_seed_hash'] ?? '';
  if (nextSeedHash !== '' && !isHash(nextSeedHash)) return refuse('next_seed_hash is not a hash');
  if (reply['seed_height'] !== seedHeight(height)) return refuse('seed_height is not that of the height');
  const value = { blob, hashingBlob, difficulty, height, prevHash, reservedOffset, seedHash, nextSeedHash };
  return { ok: true, value };
};

const decode = (raw: RawTemplate, extraNonceBytes: number): ParsedBlockTemplate => {
  const block = parseBlock(fromHex(raw.blob));
  if (block.minerTx.height !== raw.height) return refuse('block template: the blob is of another height');
  if (!equalBytes(block.header.prevId, fromHex(raw.prevHash))) {
    return refuse('block template: the blob builds on another block');
  }
  if (!equalBytes(hashingBlobOf(block), fromHex(raw.hashingBlob))) {
    return refuse('block template: its hashing blob is not the one of its blob');
  }
  return {
    ok: true,
    template: {
      parts: splitBlock(block, raw.reservedOffset, extraNonceBytes),
      difficulty: raw.difficulty,
      seedHeight: seedHeight(raw.height),
      seedHash: fromHex(raw.seedHash),
      nextSeedHash: raw.nextSeedHash === '' ? undefined : fromHex(raw.nextSeedHash),
    },
  };
};
