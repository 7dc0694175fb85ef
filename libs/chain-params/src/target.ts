/**
 * Targets: 256-bit numbers that a hash, read as a little-endian number, must not exceed. They travel as
 * `bits` in headers and as 32 little-endian bytes in share batches; inside they are bigint.
 */
import { ChainParamsError } from './errors.ts';

const SIGN_BIT = 0x00800000;
const MANTISSA = 0x007fffff;

export const TARGET_BYTES = 32;
export const MAX_TARGET = (1n << 256n) - 1n;

/** The target that a header's `bits` stand for; undefined where no block can meet it (negative, overflow, zero). */
export const bitsToTarget = (bits: number): bigint | undefined => {
  const size = bits >>> 24;
  const mantissa = bits & MANTISSA;
  const target =
    size <= 3 ? BigInt(mantissa >>> (8 * (3 - size))) : BigInt(mantissa) << BigInt(8 * (size - 3));
  if (target === 0n || target > MAX_TARGET || (bits & SIGN_BIT) !== 0) return undefined;
  return target;
};

const byteLength = (value: bigint): number => (value === 0n ? 0 : Math.ceil(value.toString(16).length / 2));

/** The compact form; lower bytes of the target that do not fit its 23-bit mantissa are lost. */
export const targetToBits = (target: bigint): number => {
  assertTarget(target);
  let size = byteLength(target);
  let mantissa = Number(size <= 3 ? target << BigInt(8 * (3 - size)) : target >> BigInt(8 * (size - 3)));
  // The top mantissa bit is a sign, so a number that would set it takes one byte more.
  if ((mantissa & SIGN_BIT) !== 0) {
    mantissa >>>= 8;
    size += 1;
  }
  return ((size << 24) | mantissa) >>> 0;
};

export const targetToLe = (target: bigint): Uint8Array => {
  assertTarget(target);
  const bytes = new Uint8Array(TARGET_BYTES);
  const view = new DataView(bytes.buffer);
  for (let word = 0; word < 4; word++) {
    view.setBigUint64(8 * word, (target >> BigInt(64 * word)) & 0xffffffffffffffffn, true);
  }
  return bytes;
};

export const targetFromLe = (bytes: Uint8Array): bigint => {
  if (bytes.length !== TARGET_BYTES) {
    throw new ChainParamsError('TARGET_LENGTH', `a target has ${TARGET_BYTES} bytes, not ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, TARGET_BYTES);
  let target = 0n;
  for (let word = 3; word >= 0; word--) target = (target << 64n) | view.getBigUint64(8 * word, true);
  return target;
};

/** Hashes that are expected until one meets the target. Fits 128 bits for every target from 2^128 up. */
export const workOfTarget = (target: bigint): bigint => {
  assertTarget(target);
  return (1n << 256n) / (target + 1n);
};

const assertTarget = (target: bigint): void => {
  if (target < 0n || target > MAX_TARGET) throw new ChainParamsError('TARGET_RANGE', 'target out of range');
};
