import { readFileSync } from 'node:fs';

import fc from 'fast-check';

import { compactTargetDifficulty, difficultyToTarget, encodeCompactTarget } from './index.ts';

interface CompactCase {
  readonly id: string;
  readonly kind: string;
  readonly target: string;
  readonly difficulty: number | string;
  readonly target64: string;
}

const vectors = (kind: string): CompactCase[] => {
  const url = new URL('../../../test/vectors/monero-stratum.json', import.meta.url);
  const { cases } = JSON.parse(readFileSync(url, 'utf8')) as { cases: CompactCase[] };
  return cases.filter((one) => one.kind === kind);
};

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
const MAX_64 = 2n ** 64n - 1n;

describe('targets as miners read them', () => {
  const cases = vectors('target-hex');

  it('has its vectors', () => expect(cases).toHaveLength(5));

  it.each(cases)('$target is difficulty $difficulty', ({ target, difficulty }) => {
    expect(compactTargetDifficulty(bytesOf(target))).toBe(BigInt(difficulty));
  });

  it.each(cases.filter(({ target }) => target.length === 8))('$difficulty is written as $target', (one) => {
    const written = encodeCompactTarget(BigInt(one.difficulty), 4);
    expect(Buffer.from(written).toString('hex')).toBe(one.target);
  });

  it.each(['', '00', '00000000', '0000000000000000', '112233', '112233445566778899'])('"%s" is none', (hex) =>
    expect(compactTargetDifficulty(bytesOf(hex))).toBeUndefined(),
  );
});

describe('64-bit targets', () => {
  const cases = vectors('difficulty-target64').filter(({ difficulty }) => {
    const asked = BigInt(difficulty);
    return asked > 0n && asked <= MAX_64;
  });

  it('has its vectors', () => {
    expect(vectors('difficulty-target64')).toHaveLength(4);
    expect(cases).toHaveLength(1);
  });

  it.each(cases)('$id: what its source rounds up is rounded down', ({ difficulty, target64 }) => {
    expect(numberOf(encodeCompactTarget(BigInt(difficulty), 8))).toBe(BigInt(target64) - 1n);
  });

  it.each([0n, 2n ** 64n, 2n ** 128n - 1n])('there is none for %d', (difficulty) => {
    expect(() => encodeCompactTarget(difficulty, 8)).toThrow(
      expect.objectContaining({ code: 'DIFFICULTY_RANGE' }),
    );
  });
});

describe('a share that meets the compact target', () => {
  const widths = fc.constantFrom<[4 | 8, bigint]>([4, 2n ** 32n - 1n], [8, MAX_64]);
  const asked = widths.chain(([width, max]) =>
    fc.tuple(fc.constant(width), fc.oneof(fc.bigInt(1n, max), fc.bigInt(1n, 10n ** 6n))),
  );

  it('meets the difficulty that was asked for, and the one that the miner reads', () => {
    fc.assert(
      fc.property(asked, ([width, difficulty]) => {
        const bytes = encodeCompactTarget(difficulty, width);
        const read = compactTargetDifficulty(bytes) ?? 0n;
        expect(read >= difficulty).toBe(true);
        // The largest hash that a miner sends: its top 64 bits are below the target that it makes of the bytes.
        const top = width === 4 ? MAX_64 / read : numberOf(bytes);
        const largest = (top << 192n) - 1n;
        expect(largest <= difficultyToTarget('randomx', read)).toBe(true);
        expect(largest <= difficultyToTarget('randomx', difficulty)).toBe(true);
      }),
    );
  });

  it('reads back with 8 bytes what is not close to their limit', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 2n ** 31n), (difficulty) => {
        expect(compactTargetDifficulty(encodeCompactTarget(difficulty, 8))).toBe(difficulty);
      }),
    );
  });
});
