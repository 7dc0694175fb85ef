import { readFileSync } from 'node:fs';

import fc from 'fast-check';

import {
  type DifficultyScale,
  MAX_TARGET,
  bitsToTarget,
  difficultyToTarget,
  targetToDifficulty,
} from './index.ts';

interface DifficultyCase {
  readonly id: string;
  readonly kind: string;
  readonly difficulty: number;
  readonly target: string;
  readonly bits: string;
  readonly difficulty_1?: string;
  readonly hash?: string;
  readonly ok?: boolean;
}

const vectors = (file: string, kind: string): DifficultyCase[] => {
  const url = new URL(`../../../test/vectors/${file}.json`, import.meta.url);
  const { cases } = JSON.parse(readFileSync(url, 'utf8')) as { cases: DifficultyCase[] };
  return cases.filter((one) => one.kind === kind);
};

const KAWPOW_SCALES: readonly [string, DifficultyScale][] = [
  ['00000000ff00', 'kawpow'],
  ['00000000ffff00', 'kawpow-ffff'],
  ['2^256', 'hashes'],
];

const relativeError = (actual: number, expected: number): number => Math.abs(actual / expected - 1);

/** The mantissa of a header's bits, sign bit included, as Core's GetDifficulty takes it. */
const unsignedTarget = (bits: number): bigint => BigInt(bits & 0xffffff) << BigInt(8 * ((bits >>> 24) - 3));

describe('difficulty to target', () => {
  const cases = vectors('stratum-v1', 'difficulty-target');

  it('has its vectors', () => expect(cases).toHaveLength(8));

  it.each(cases)('$id: $difficulty', ({ difficulty, target }) => {
    expect(difficultyToTarget('sha256d', difficulty)).toBe(BigInt(`0x${target}`));
  });

  it('counts Scrypt in units 65536 times easier', () => {
    expect(difficultyToTarget('scrypt', 65536)).toBe(difficultyToTarget('sha256d', 1));
    expect(difficultyToTarget('scrypt', 1)).toBe(0xffffn << 224n);
  });

  it.each([
    ['ethereum-stratum', 'difficulty-target', 5],
    ['ethereum-stratum', 'hash-difficulty-target', 4],
    ['kawpow-stratum', 'difficulty-target', 7],
  ])('has the vectors of %s: %s', (file, kind, count) => expect(vectors(file, kind)).toHaveLength(count));

  it.each(vectors('ethereum-stratum', 'difficulty-target'))(
    'EthereumStratum $id',
    ({ difficulty, target }) => {
      expect(difficultyToTarget('etchash', difficulty)).toBe(BigInt(`0x${target}`));
      expect(difficultyToTarget('ethash', difficulty)).toBe(BigInt(`0x${target}`));
    },
  );

  it.each(vectors('ethereum-stratum', 'hash-difficulty-target'))(
    'eth-proxy $id',
    ({ difficulty, target }) => {
      expect(difficultyToTarget('hashes', difficulty)).toBe(BigInt(`0x${target}`));
      expect(difficultyToTarget('hashes', BigInt(difficulty))).toBe(BigInt(`0x${target}`));
    },
  );

  it.each(vectors('kawpow-stratum', 'difficulty-target'))('KawPow $id', (one) => {
    const scale = KAWPOW_SCALES.find(([first]) => one.difficulty_1?.startsWith(first))?.[1];
    expect(scale).toBeDefined();
    expect(difficultyToTarget(scale ?? 'hashes', one.difficulty)).toBe(BigInt(`0x${one.target}`));
  });

  it.each(vectors('randomx', 'check-hash'))('Monero $id', ({ difficulty, hash, ok }) => {
    const number = BigInt(
      `0x${Buffer.from(hash ?? '', 'hex')
        .reverse()
        .toString('hex')}`,
    );
    expect(number <= difficultyToTarget('randomx', BigInt(difficulty))).toBe(ok);
  });

  it('judges hash * difficulty < 2^256 by the Monero target', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 2n ** 80n), fc.bigInt(-2n, 2n), (difficulty, near) => {
        const hash = (1n << 256n) / difficulty + near;
        const meets = hash * difficulty < 1n << 256n;
        return hash > MAX_TARGET || meets === hash <= difficultyToTarget('randomx', difficulty);
      }),
    );
  });

  it('stays within 1 and 2^256 - 1', () => {
    expect(difficultyToTarget('sha256d', Number.MIN_VALUE)).toBe(MAX_TARGET);
    expect(difficultyToTarget('scrypt', 1 / 65600)).toBe(MAX_TARGET);
    expect(difficultyToTarget('sha256d', Number.MAX_VALUE)).toBe(1n);
  });

  it.each([0, -1, 0n, -1n, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (difficulty) => {
    expect(() => difficultyToTarget('sha256d', difficulty)).toThrow(
      expect.objectContaining({ code: 'DIFFICULTY_RANGE' }),
    );
  });

  it('is exact in the double: target * difficulty <= difficulty one < (target + 1) * difficulty', () => {
    fc.assert(
      fc.property(fc.double({ min: 2 ** -15, max: 2 ** 60, noNaN: true }), (difficulty) => {
        const target = difficultyToTarget('sha256d', difficulty);
        // Any double in this range is a multiple of 2^-67.
        const scaled = BigInt(difficulty * 2 ** 67);
        const one = (0xffffn << 208n) << 67n;
        expect(target * scaled <= one && one < (target + 1n) * scaled).toBe(true);
      }),
    );
  });

  it('never gives a harder difficulty a larger target', () => {
    const difficulty = fc.double({ min: 2 ** -20, max: 2 ** 80, noNaN: true });
    fc.assert(
      fc.property(difficulty, difficulty, (a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        return difficultyToTarget('sha256d', low) >= difficultyToTarget('sha256d', high);
      }),
    );
  });
});

describe('target to difficulty', () => {
  const cases = vectors('sha256d', 'difficulty');

  it('has its vectors', () => expect(cases).toHaveLength(4));

  it.each(cases)('$id', ({ bits, difficulty }) => {
    const number = Number.parseInt(bits, 16);
    const target = bitsToTarget(number) ?? unsignedTarget(number);
    const found = targetToDifficulty('sha256d', target);
    expect(relativeError(found, difficulty) < 1e-12 || Math.abs(found - difficulty) < 1e-5).toBe(true);
  });

  it('returns the difficulty that a target was made from', () => {
    fc.assert(
      fc.property(fc.double({ min: 2 ** -15, max: 2 ** 100, noNaN: true }), (difficulty) => {
        const again = targetToDifficulty('sha256d', difficultyToTarget('sha256d', difficulty));
        return relativeError(again, difficulty) < 1e-15;
      }),
    );
  });

  it('calls an unreachable target infinite', () => {
    expect(targetToDifficulty('sha256d', 0n)).toBe(Number.POSITIVE_INFINITY);
  });
});
