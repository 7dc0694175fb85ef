/**
 * Nonces of 64 bits as Ethash and KawPow have them: big-endian hex on the wire, whose first bytes are the
 * session's own, so that no two sessions ever try the same nonce.
 */
import { decodeHexInto } from './hex.ts';

/** Two halves, because a share record and a JavaScript number hold 32 bits exactly. */
export interface Nonce64 {
  readonly high: number;
  readonly low: number;
}

export const NONCE64_BYTES = 8;

const scratch = Buffer.alloc(NONCE64_BYTES);

const digitsOf = (text: unknown): unknown =>
  typeof text === 'string' && /^0x/i.test(text) ? text.slice(2) : text;

/** The rest of a nonce behind `prefix`, with or without `0x`; undefined unless it is exactly as long as that leaves. */
export const joinNonce64 = (prefix: Uint8Array, rest: unknown): Nonce64 | undefined => {
  scratch.set(prefix);
  if (!decodeHexInto(digitsOf(rest), NONCE64_BYTES - prefix.length, scratch, prefix.length)) return undefined;
  return { high: scratch.readUInt32BE(0), low: scratch.readUInt32BE(4) };
};

const NO_PREFIX = new Uint8Array();

/** A whole nonce, 16 digits with or without `0x`. */
export const parseNonce64 = (text: unknown): Nonce64 | undefined => joinNonce64(NO_PREFIX, text);

export const hasPrefix = ({ high, low }: Nonce64, prefix: Uint8Array): boolean => {
  scratch.writeUInt32BE(high, 0);
  scratch.writeUInt32BE(low, 4);
  return prefix.every((byte, at) => scratch[at] === byte);
};

/** 32 bytes in hex, with or without `0x`, as they are shown. */
export const parseHash32 = (text: unknown): Uint8Array | undefined => {
  const bytes = new Uint8Array(32);
  return decodeHexInto(digitsOf(text), 32, bytes, 0) ? bytes : undefined;
};
