/**
 * Bytes and their spellings. Internal order is how SHA256d gives a hash and how headers hold it; display
 * order is the reverse, for people and RPC; Stratum has a third one for the previous hash.
 */
import { BitcoinFamilyError } from './errors.ts';

export const HASH_BYTES = 32;

export const toHex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');

/** The caller has checked the digits: what is not hex would be cut off silently. */
export const fromHex = (hex: string): Uint8Array => Buffer.from(hex, 'hex');

export const toDisplay = (internal: Uint8Array): string => toHex(internal.toReversed());

export const fromDisplay = (display: string): Uint8Array => {
  if (!/^[0-9a-f]{64}$/i.test(display)) {
    throw new BitcoinFamilyError('HASH_FORM', 'a hash is written with 64 hex digits');
  }
  return fromHex(display).toReversed();
};

/** Reverses the bytes of each 4-byte word: the step between internal order and Stratum's, in both directions. */
const swapWords = (bytes: Uint8Array): Uint8Array => {
  const words = Uint8Array.from(bytes);
  for (let at = 0; at < words.length; at += 4) words.subarray(at, at + 4).reverse();
  return words;
};

/** The previous block's hash as `mining.notify` carries it. */
export const stratumPrevHash = (internal: Uint8Array): string => toHex(swapWords(internal));

export const fromStratumPrevHash = (hex: string): Uint8Array => {
  if (!/^[0-9a-f]{64}$/i.test(hex)) {
    throw new BitcoinFamilyError('HASH_FORM', 'a previous hash is written with 64 hex digits');
  }
  return swapWords(fromHex(hex));
};

/** Bitcoin's CompactSize; nothing here counts beyond 32 bits. */
export const compactSize = (value: number): Uint8Array => {
  if (value < 0xfd) return Uint8Array.of(value);
  if (value <= 0xffff) return Uint8Array.of(0xfd, value & 0xff, value >>> 8);
  return Uint8Array.of(0xfe, value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24);
};

export const uint32Le = (value: number): Uint8Array =>
  Uint8Array.of(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24);

export const uint64Le = (value: bigint): Uint8Array => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
};

export const concatBytes = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);

export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);
