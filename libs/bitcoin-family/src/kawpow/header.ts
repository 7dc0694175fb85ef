/**
 * Headers of KawPow: 80 bytes whose hash the proof of work starts from, with the height where Bitcoin has its
 * nonce, then what the miner found. Hashes of the proof of work are in display order, as the algorithm, Stratum
 * and the native core have them; those of blocks and transactions in internal order, as everywhere here.
 */
import { HASH_BYTES, concatBytes, uint64Le } from '../bytes.ts';
import { BitcoinFamilyError } from '../errors.ts';
import { sha256d } from '../hash.ts';
import { type BlockHeader, assertHeader, decodeHeader, serializeHeader } from '../header.ts';

export const KAWPOW_HEADER_BYTES = 120;

export type KawpowInput = Omit<BlockHeader, 'nonce'> & { readonly height: number };

export interface KawpowSolution {
  /** u64. */
  readonly nonce: bigint;
  /** Display order. */
  readonly mixHash: Uint8Array;
}

/** The first 80 bytes. */
export const serializeKawpowInput = ({ height, ...header }: KawpowInput): Uint8Array =>
  serializeHeader({ ...header, nonce: height });

/** Of the first 80 bytes, in display order. */
export const kawpowHeaderHash = (input: Uint8Array): Uint8Array => {
  assertHeader(input);
  return sha256d(input).toReversed();
};

export const serializeKawpowHeader = (input: Uint8Array, { nonce, mixHash }: KawpowSolution): Uint8Array => {
  assertHeader(input);
  if (nonce < 0n || nonce > MAX_NONCE) {
    throw new BitcoinFamilyError('NONCE_RANGE', 'a nonce of KawPow has 64 bits');
  }
  if (mixHash.length !== HASH_BYTES) throw new BitcoinFamilyError('HASH_FORM', 'a mix hash has 32 bytes');
  return concatBytes(input, uint64Le(nonce), mixHash.toReversed());
};

export const decodeKawpowHeader = (bytes: Uint8Array): KawpowInput & KawpowSolution => {
  if (bytes.length !== KAWPOW_HEADER_BYTES) {
    throw new BitcoinFamilyError('HEADER_LENGTH', `a header of KawPow has 120 bytes, not ${bytes.length}`);
  }
  const { nonce: height, ...header } = decodeHeader(bytes.subarray(0, 80));
  const nonce = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(80, true);
  return { ...header, height, nonce, mixHash: bytes.slice(88).toReversed() };
};

const MAX_NONCE = 0xffff_ffff_ffff_ffffn;
