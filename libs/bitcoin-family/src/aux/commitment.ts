/**
 * What a parent's coinbase carries for the chains mined below it: 44 bytes that fix the root over their
 * blocks. Nodes of those chains search the script for the magic, so it may stand there only once.
 */
import { HASH_BYTES, concatBytes, uint32Le } from '../bytes.ts';
import { BitcoinFamilyError } from '../errors.ts';

/** The form of a tree; both numbers are part of the commitment and decide each chain's slot. */
export interface AuxTreeForm {
  /** Leaves: a power of two, at most 2^30. */
  readonly size: number;
  /** u32. */
  readonly nonce: number;
}

const MAGIC = Buffer.of(0xfa, 0xbe, 0x6d, 0x6d);

export const AUX_COMMITMENT_BYTES = MAGIC.length + HASH_BYTES + 4 + 4;

/** The root stands in display order, unlike any other hash inside a transaction. */
export const auxCommitment = (root: Uint8Array, { size, nonce }: AuxTreeForm): Uint8Array =>
  concatBytes(MAGIC, root.toReversed(), uint32Le(size), uint32Le(nonce));

export const holdsAuxMagic = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(MAGIC);

export const assertAuxCommitment = (commitment: Uint8Array): void => {
  if (commitment.length !== AUX_COMMITMENT_BYTES || !MAGIC.equals(commitment.subarray(0, 4))) {
    throw new BitcoinFamilyError('COINBASE_SCRIPT', 'not a commitment of merged mining');
  }
};
