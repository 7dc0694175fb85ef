import { readFileSync } from 'node:fs';

import fc from 'fast-check';

import { MAX_TARGET, bitsToTarget, targetFromLe, targetToBits, targetToLe, workOfTarget } from './index.ts';

interface CompactCase {
  readonly id: string;
  readonly kind: string;
  readonly bits: string;
  readonly target: string;
  readonly valid_as_pow_target: boolean;
  readonly reencoded_bits: string;
}

const vectors = (file: string): CompactCase[] => {
  const url = new URL(`../../../test/vectors/${file}.json`, import.meta.url);
  return (JSON.parse(readFileSync(url, 'utf8')) as { cases: CompactCase[] }).cases;
};

const uint256 = fc.bigInt({ min: 0n, max: MAX_TARGET });
/** Uniform in length, so that small numbers occur too. */
const anySize = fc
  .tuple(uint256, fc.integer({ min: 0, max: 255 }))
  .map(([value, cut]) => value >> BigInt(cut));

describe('compact bits', () => {
  const cases = vectors('sha256d').filter(({ kind }) => kind === 'compact-bits');

  it('has its vectors', () => expect(cases).toHaveLength(13));

  it.each(cases)('$id', ({ bits, target, valid_as_pow_target: valid, reencoded_bits: again }) => {
    const decoded = bitsToTarget(Number.parseInt(bits, 16));
    if (!valid) {
      expect(decoded).toBeUndefined();
      return;
    }
    expect(decoded).toBe(BigInt(`0x${target}`));
    expect(
      targetToBits(decoded ?? 0n)
        .toString(16)
        .padStart(8, '0'),
    ).toBe(again);
  });

  it('decodes and encodes the bits of every recorded header', () => {
    const headers = [...vectors('sha256d'), ...vectors('scrypt')].filter(({ kind }) => kind === 'header');
    expect(headers).toHaveLength(69 + 50);
    for (const { bits, target } of headers) {
      expect(bitsToTarget(Number.parseInt(bits, 16))).toBe(BigInt(`0x${target}`));
      expect(
        targetToBits(BigInt(`0x${target}`))
          .toString(16)
          .padStart(8, '0'),
      ).toBe(bits);
    }
  });

  it('refuses targets beyond 256 bits', () => {
    for (const bits of [0x21010000, 0x22000100, 0x23000001, 0xff7fffff]) {
      expect(bitsToTarget(bits)).toBeUndefined();
    }
    expect(bitsToTarget(0x2100ffff)).toBe(0xffffn << 240n);
  });

  it('encodes zero as zero', () => expect(targetToBits(0n)).toBe(0));

  it('rounds a target down to 15 bits of precision at worst, and then stays', () => {
    fc.assert(
      fc.property(anySize, (target) => {
        const bits = targetToBits(target);
        const rounded = bitsToTarget(bits) ?? 0n;
        expect(rounded <= target).toBe(true);
        expect(target - rounded <= target >> 15n).toBe(true);
        expect(targetToBits(rounded)).toBe(bits);
      }),
    );
  });
});

describe('little-endian targets', () => {
  it('returns what was encoded', () => {
    fc.assert(fc.property(anySize, (target) => targetFromLe(targetToLe(target)) === target));
  });

  it('puts the lowest byte first', () => {
    expect(targetToLe(0x0102n).subarray(0, 3)).toEqual(Uint8Array.of(2, 1, 0));
  });

  it('reads from inside a larger buffer', () => {
    const buffer = new Uint8Array(40);
    buffer.set(targetToLe(77n), 5);
    expect(targetFromLe(buffer.subarray(5, 37))).toBe(77n);
  });

  it('refuses other lengths and numbers', () => {
    const coded = (code: string): Error => expect.objectContaining({ code }) as Error;
    expect(() => targetFromLe(new Uint8Array(31))).toThrow(coded('TARGET_LENGTH'));
    expect(() => targetToLe(MAX_TARGET + 1n)).toThrow(coded('TARGET_RANGE'));
    expect(() => targetToBits(-1n)).toThrow(coded('TARGET_RANGE'));
  });
});

describe('work', () => {
  it('is the expected number of hashes', () => {
    expect(workOfTarget(MAX_TARGET)).toBe(1n);
    expect(workOfTarget(0xffffn << 208n)).toBe(0x100010001n);
    expect(workOfTarget((1n << 128n) - 1n)).toBe(1n << 128n);
  });
});
