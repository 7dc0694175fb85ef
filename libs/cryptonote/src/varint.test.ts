import fc from 'fast-check';

import { CryptonoteError, decodeVarint, encodeVarint, toHex } from './index.ts';

const MAX_U64 = (1n << 64n) - 1n;

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof CryptonoteError) return error.code;
    throw error;
  }
  return 'none';
};

describe('varint', () => {
  it.each([
    [0, '00'],
    [127, '7f'],
    [128, '8001'],
    [16383, 'ff7f'],
    [16384, '808001'],
    [MAX_U64, 'ffffffffffffffffff01'],
  ])('writes %s as %s', (value, hex) => {
    expect(toHex(encodeVarint(value))).toBe(hex);
    expect(decodeVarint(encodeVarint(value))).toEqual({ value: BigInt(value), length: hex.length / 2 });
  });

  it.each([
    ['8000', 'VARINT'],
    ['ff8000', 'VARINT'],
    ['ffffffffffffffffff02', 'VARINT'],
    ['ffffffffffffffffffff01', 'VARINT'],
    ['80', 'TRUNCATED'],
    ['', 'TRUNCATED'],
  ])('refuses %s with %s', (hex, code) => {
    expect(codeOf(() => decodeVarint(Buffer.from(hex, 'hex')))).toBe(code);
  });

  it.each([-1, 1.5, 2 ** 53, Number.NaN, -1n, MAX_U64 + 1n])('cannot write %s', (value) => {
    expect(codeOf(() => encodeVarint(value))).toBe('RANGE');
  });

  it('comes back from any place', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, MAX_U64), fc.uint8Array(), fc.uint8Array(), (value, before, after) => {
        const encoded = encodeVarint(value);
        const decoded = decodeVarint(Buffer.concat([before, encoded, after]), before.length);
        expect(decoded).toEqual({ value, length: encoded.length });
      }),
    );
  });

  it('has one spelling per number', () => {
    const bytes = fc.array(fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0x81, 0xff), { maxLength: 12 });
    fc.assert(
      fc.property(bytes, (list) => {
        const input = Uint8Array.from(list);
        const code = codeOf(() => {
          const { value, length } = decodeVarint(input);
          expect(encodeVarint(value)).toEqual(input.slice(0, length));
        });
        expect(['none', 'VARINT', 'TRUNCATED']).toContain(code);
      }),
    );
  });
});
