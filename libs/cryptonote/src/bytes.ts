/** Bytes and hex. Monero prints hashes in plain byte order, so there is no other spelling. */
import { keccak_256 } from '@noble/hashes/sha3.js';

import { CryptonoteError } from './errors.ts';

/** Keccak with the original padding (0x01), which is not SHA3-256; monerod calls it cn_fast_hash. */
export const keccak256 = (bytes: Uint8Array): Uint8Array => keccak_256(bytes);

export const toHex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');

export const fromHex = (hex: string): Uint8Array => {
  if (!isHex(hex)) throw new CryptonoteError('HEX', 'not an even number of hex digits');
  return Uint8Array.from(Buffer.from(hex, 'hex'));
};

export const isHex = (value: unknown): value is string =>
  typeof value === 'string' && value.length % 2 === 0 && !/[^0-9a-f]/i.test(value);

/** A plain array of its own: Buffer.concat may hand out a view into a pool that others share. */
export const concatBytes = (...parts: readonly Uint8Array[]): Uint8Array => {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
};

export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

export const assertLength = (
  bytes: Uint8Array,
  length: number,
  code: 'HASH_LENGTH' | 'NONCE_LENGTH' | 'EXTRA_NONCE_LENGTH',
): void => {
  if (bytes.length !== length)
    throw new CryptonoteError(code, `${length} bytes expected, not ${bytes.length}`);
};
