/**
 * Stratum difficulty to target and back. Miners are told a double; the target that their shares are judged
 * by is computed from exactly that double, in integers, so that no tolerance is needed anywhere.
 */
import type { Algorithm } from './coin.ts';
import { ChainParamsError } from './errors.ts';
import { MAX_TARGET } from './target.ts';

/**
 * What a difficulty counts: hashes of the algorithm in the unit of its stratum dialect. Two do not follow from
 * the algorithm: pools of `kawpow-ffff` count KawPow as Bitcoin is counted, and `hashes` is eth-proxy's.
 */
export type DifficultyScale = Algorithm | 'kawpow-ffff' | 'hashes';

/** 2^32 hashes and a little, as Bitcoin counts. */
const BITCOIN_ONE = 0xffffn << 208n;

/**
 * Target of difficulty 1. Scrypt miners and pools count in units 65536 times easier than Bitcoin's, so that
 * stratum difficulty 1 is 2^16 hashes there and 2^32 for SHA256d. Ethash is counted as EthereumStratum/1.0.0
 * wants it, KawPow as the common pool software does. Monero asks for hash * difficulty < 2^256, which for whole
 * hashes is hash <= floor((2^256 - 1) / difficulty); Ethash takes the boundary floor(2^256 / difficulty) itself.
 */
const DIFFICULTY_ONE: Readonly<Record<DifficultyScale, bigint>> = {
  sha256d: BITCOIN_ONE,
  scrypt: 0xffffn << 224n,
  ethash: BITCOIN_ONE,
  etchash: BITCOIN_ONE,
  kawpow: 0xffn << 216n,
  'kawpow-ffff': BITCOIN_ONE,
  randomx: MAX_TARGET,
  hashes: 1n << 256n,
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
export const difficultyToTarget = (scale: DifficultyScale, difficulty: number | bigint): bigint => {
  if (!(difficulty > 0) || difficulty === Number.POSITIVE_INFINITY) {
    throw new ChainParamsError('DIFFICULTY_RANGE', `difficulty must be positive: ${difficulty}`);
  }
  const target = divide(DIFFICULTY_ONE[scale], difficulty);
  if (target > MAX_TARGET) return MAX_TARGET;
  return target === 0n ? 1n : target;
};

const divide = (one: bigint, difficulty: number | bigint): bigint => {
  if (typeof difficulty === 'bigint') return one / difficulty;
  const { mantissa, exponent } = decompose(difficulty);
  return exponent < 0 ? (one << BigInt(-exponent)) / mantissa : one / (mantissa << BigInt(exponent));
};

/** For people and logs: the double nearest to the quotient. Judging a share compares targets. */
export const targetToDifficulty = (scale: DifficultyScale, target: bigint): number => {
  if (target <= 0n) return Number.POSITIVE_INFINITY;
  // 128 fraction bits leave at least 80 significant ones for the largest target.
  return Number((DIFFICULTY_ONE[scale] << 128n) / target) / 2 ** 128;
};
