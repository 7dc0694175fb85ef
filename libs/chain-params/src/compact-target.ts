/**
 * The shortened targets of Monero's stratum: the top 32 or 64 bits, little-endian, against which a miner
 * compares the top of its hash. Rounded down, so that no share meets the short form and misses the whole one;
 * a 4-byte target is harder than asked by up to difficulty / 2^32.
 */
import { ChainParamsError } from './errors.ts';

export type CompactTargetBytes = 4 | 8;

const MAX_32 = 2n ** 32n - 1n;
const MAX_64 = 2n ** 64n - 1n;

const maxOf = (width: CompactTargetBytes): bigint => (width === 4 ? MAX_32 : MAX_64);

/** Throws where no such target is as hard as asked: from 2^32 with 4 bytes, from 2^64 with 8. */
export const encodeCompactTarget = (difficulty: bigint, width: CompactTargetBytes): Uint8Array => {
  if (difficulty <= 0n || difficulty > maxOf(width)) {
    throw new ChainParamsError(
      'DIFFICULTY_RANGE',
      `no target of ${width} bytes has difficulty ${difficulty}`,
    );
  }
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, maxOf(width) / difficulty, true);
  return bytes.subarray(0, width);
};

/**
 * The difficulty that a miner reads from such bytes, by which its shares should be judged and counted: with 4
 * bytes it is not the one that was asked for. undefined for bytes that are no target.
 */
export const compactTargetDifficulty = (bytes: Uint8Array): bigint | undefined => {
  if (bytes.length !== 4 && bytes.length !== 8) return undefined;
  const padded = new Uint8Array(8);
  padded.set(bytes);
  const target = new DataView(padded.buffer).getBigUint64(0, true);
  return target === 0n ? undefined : maxOf(bytes.length) / target;
};
