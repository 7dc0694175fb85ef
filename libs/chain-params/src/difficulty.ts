/**
 * Stratum difficulty to target and back. Miners are told a double; the target that their shares are judged
 * by is computed from exactly that double, in integers, so that no tolerance is needed anywhere.
 */
import type { Algorithm } from './coin.ts';
import { ChainParamsError } from './errors.ts';
import { MAX_TARGET } from './target.ts';

/**
 * Target of difficulty 1. Scrypt miners and pools count in units 65536 times easier than Bitcoin's, so that
 * stratum difficulty 1 is 2^16 hashes there and 2^32 for SHA256d.
 */
const DIFFICULTY_ONE: Readonly<Record<Algorithm, bigint>> = {
  sha256d: 0xffffn << 208n,
  scrypt: 0xffffn << 224n,
};

/** A positive finite double is exactly mantissa * 2^exponent, both integers. */
const decompose = (value: number): { mantissa: bigint; exponent: number } => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const raw = view.getBigUint64(0);
  const biased = Number(raw >> 52n);
  const fraction = raw & 0xfffffffffffffn;
  // Subnormals have no implicit leading one and share the lowest exponent.
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: biased - 1075 };
};

/** floor(target of difficulty 1 / difficulty), kept between 1 and 2^256 - 1. */
export const difficultyToTarget = (algorithm: Algorithm, difficulty: number): bigint => {
  if (!Number.isFinite(difficulty) || difficulty <= 0) {
    throw new ChainParamsError('DIFFICULTY_RANGE', `difficulty must be positive: ${difficulty}`);
  }
  const { mantissa, exponent } = decompose(difficulty);
  const one = DIFFICULTY_ONE[algorithm];
  const target = exponent < 0 ? (one << BigInt(-exponent)) / mantissa : one / (mantissa << BigInt(exponent));
  if (target > MAX_TARGET) return MAX_TARGET;
  return target === 0n ? 1n : target;
};

/** For people and logs: the double nearest to the quotient. Judging a share compares targets. */
export const targetToDifficulty = (algorithm: Algorithm, target: bigint): number => {
  if (target <= 0n) return Number.POSITIVE_INFINITY;
  // 128 fraction bits leave at least 80 significant ones for the largest target.
  return Number((DIFFICULTY_ONE[algorithm] << 128n) / target) / 2 ** 128;
};
