/**
 * BIP141's commitment: a coinbase output that fixes the witnesses of all other transactions. Its own witness
 * is a reserved value, for which we, like everybody, use 32 zero bytes.
 */
import { HASH_BYTES, concatBytes } from './bytes.ts';
import { sha256d } from './hash.ts';
import { merkleRoot } from './merkle.ts';

export const WITNESS_RESERVED_VALUE = new Uint8Array(HASH_BYTES);

/** OP_RETURN, a push of 36 bytes, and the marker that nodes look for. */
const COMMITMENT_PREFIX = Uint8Array.of(0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed);

/** The coinbase stands in its own witness tree as zero. */
export const witnessRoot = (wtxids: readonly Uint8Array[]): Uint8Array =>
  merkleRoot([new Uint8Array(HASH_BYTES), ...wtxids]);

/** The output script that commits to these transactions (without the coinbase). */
export const witnessCommitmentScript = (wtxids: readonly Uint8Array[]): Uint8Array =>
  concatBytes(COMMITMENT_PREFIX, sha256d(concatBytes(witnessRoot(wtxids), WITNESS_RESERVED_VALUE)));
