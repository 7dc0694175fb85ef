/**
 * Difficulty is the expected number of hashes. A hash, read as a little-endian number, meets it when
 * hash * difficulty < 2^256: integers only, so that there is no tolerance anywhere. Stratum sends targets of
 * 32 or 64 bits instead; each rounds towards the harder side, so a miner that obeys one is never refused.
 */
import { assertLength } from './bytes.ts';
import { CryptonoteError } from './errors.ts';
import { HASH_BYTES } from './limits.ts';

const MAX_U32 = (1n << 32n) - 1n;
const MAX_U64 = (1n << 64n) - 1n;
const MAX_U256 = (1n << 256n) - 1n;

/** The bytes as RandomX gives them. */
export const hashToNumber = (hash: Uint8Array): bigint => {
  assertLength(hash, HASH_BYTES, 'HASH_LENGTH');
  const view = new DataView(hash.buffer, hash.byteOffset, HASH_BYTES);
  let value = 0n;
  for (let word = 3; word >= 0; word--) value = (value << 64n) | view.getBigUint64(8 * word, true);
  return value;
};

const assertDifficulty = (difficulty: bigint, max: bigint): void => {
  if (difficulty < 1n || difficulty > max) {
    throw new CryptonoteError('DIFFICULTY_RANGE', `difficulty is not between 1 and ${max}: ${difficulty}`);
  }
};

export const meetsDifficulty = (hash: Uint8Array, difficulty: bigint): boolean => {
  assertDifficulty(difficulty, MAX_U256);
  return hashToNumber(hash) * difficulty <= MAX_U256;
};

/** The highest difficulty that the hash meets. */
export const difficultyOfHash = (hash: Uint8Array): bigint => {
  const value = hashToNumber(hash);
  return value === 0n ? MAX_U256 : MAX_U256 / value;
};

/** The largest number that a hash may be: for verifiers that compare with a 256-bit target. */
export const difficultyToTarget256 = (difficulty: bigint): bigint => {
  assertDifficulty(difficulty, MAX_U256);
  return MAX_U256 / difficulty;
};

/** Miners take a hash whose top 64 bits are below this. */
export const difficultyToTarget64 = (difficulty: bigint): bigint => {
  assertDifficulty(difficulty, MAX_U64);
  return MAX_U64 / difficulty;
};

export const difficultyToTarget32 = (difficulty: bigint): bigint => {
  assertDifficulty(difficulty, MAX_U32);
  return MAX_U32 / difficulty;
};

/**
 * The other rounding: every hash that meets the difficulty has top 64 bits below this (but difficulty 1, whose
 * limit 2^64 does not fit). A cheap first check that loses no block; what passes is still to be compared exactly.
 */
export const topWordLimit = (difficulty: bigint): bigint => {
  if (difficulty <= 1n) return MAX_U64;
  return (MAX_U64 + difficulty) / difficulty;
};

export type TargetBytes = 4 | 8;

/** Beyond, a step of the 32-bit form is too coarse; p2pool changes to 64 bits here, and every miner reads both. */
export const MAX_COMPACT_DIFFICULTY = 4_000_000n;

/** The number of a job's `target`, little-endian; hex of it goes on the wire. */
export const encodeTarget = (
  difficulty: bigint,
  size: TargetBytes = difficulty <= MAX_COMPACT_DIFFICULTY ? 4 : 8,
): Uint8Array => {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  if (size === 4) view.setUint32(0, Number(difficultyToTarget32(difficulty)), true);
  else view.setBigUint64(0, difficultyToTarget64(difficulty), true);
  return bytes;
};

export interface DecodedTarget {
  /** What a miner really works at: at or above the difficulty that was encoded. */
  readonly difficulty: bigint;
  /** What it compares with, 32-bit forms being widened by way of the difficulty. */
  readonly target64: bigint;
}

/** Undefined for what is no target: another length, or zero, which no hash can meet. */
export const decodeTarget = (bytes: Uint8Array): DecodedTarget | undefined => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length === 4) {
    const target = BigInt(view.getUint32(0, true));
    if (target === 0n) return undefined;
    const difficulty = MAX_U32 / target;
    return { difficulty, target64: MAX_U64 / difficulty };
  }
  if (bytes.length !== 8) return undefined;
  const target64 = view.getBigUint64(0, true);
  return target64 === 0n ? undefined : { difficulty: MAX_U64 / target64, target64 };
};
