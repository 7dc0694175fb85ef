/**
 * Monero's varint: groups of seven bits, lowest first, the top bit says that more follow. There is one
 * spelling per number: a last group of zero is refused, as monerod refuses it, and so is more than 64 bits.
 */
import { CryptonoteError } from './errors.ts';

export const MAX_VARINT_BYTES = 10;
export const MAX_U64 = (1n << 64n) - 1n;

export const encodeVarint = (value: number | bigint): Uint8Array => {
  let rest = toU64(value);
  const bytes: number[] = [];
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
};

const toU64 = (value: number | bigint): bigint => {
  const whole = typeof value === 'bigint' || Number.isSafeInteger(value);
  if (!whole || value < 0 || value > MAX_U64) {
    throw new CryptonoteError('RANGE', `not an unsigned 64-bit number: ${value}`);
  }
  return BigInt(value);
};

export interface DecodedVarint {
  readonly value: bigint;
  readonly length: number;
}

/** The varint that starts at `offset`; what follows it is not looked at. */
export const decodeVarint = (bytes: Uint8Array, offset = 0): DecodedVarint => {
  let value = 0n;
  for (let i = 0; i < MAX_VARINT_BYTES; i++) {
    const byte = bytes[offset + i];
    if (byte === undefined) throw new CryptonoteError('TRUNCATED', `varint at ${offset} has no end`);
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte >= 0x80) continue;
    if (byte === 0 && i > 0) throw new CryptonoteError('VARINT', `varint at ${offset} is longer than needed`);
    if (value > MAX_U64) break;
    return { value, length: i + 1 };
  }
  throw new CryptonoteError('VARINT', `varint at ${offset} is above 64 bits`);
};
