/** The 80 bytes that are hashed. All numbers are little-endian, both hashes in internal order. */
import { HASH_BYTES, concatBytes, uint32Le } from './bytes.ts';
import { BitcoinFamilyError } from './errors.ts';

export const HEADER_BYTES = 80;

export interface BlockHeader {
  /** u32; a negative version of an old block reads as its two's complement. */
  readonly version: number;
  readonly prevHash: Uint8Array;
  readonly merkleRoot: Uint8Array;
  readonly time: number;
  readonly bits: number;
  readonly nonce: number;
}

export const serializeHeader = (header: BlockHeader): Uint8Array => {
  const { version, prevHash, merkleRoot, time, bits, nonce } = header;
  if (prevHash.length !== HASH_BYTES || merkleRoot.length !== HASH_BYTES) {
    throw new BitcoinFamilyError('HASH_FORM', 'the hashes of a header have 32 bytes');
  }
  return concatBytes(
    uint32Le(version),
    prevHash,
    merkleRoot,
    uint32Le(time),
    uint32Le(bits),
    uint32Le(nonce),
  );
};

export const decodeHeader = (bytes: Uint8Array): BlockHeader => {
  assertHeader(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  return {
    version: view.getUint32(0, true),
    prevHash: bytes.slice(4, 36),
    merkleRoot: bytes.slice(36, 68),
    time: view.getUint32(68, true),
    bits: view.getUint32(72, true),
    nonce: view.getUint32(76, true),
  };
};

export const assertHeader = (bytes: Uint8Array): void => {
  if (bytes.length !== HEADER_BYTES) {
    throw new BitcoinFamilyError('HEADER_LENGTH', `a header has 80 bytes, not ${bytes.length}`);
  }
};
