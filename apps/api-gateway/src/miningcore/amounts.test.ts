import fc from 'fast-check';

import { coinsOf } from './amounts.ts';

const written = (atomic: string, decimals: number): string => JSON.stringify(coinsOf(atomic, decimals));

test.each([
  ['0', 8, '0'],
  ['1', 8, '0.00000001'],
  ['-1', 8, '-0.00000001'],
  ['100000000', 8, '1'],
  ['312500000', 8, '3.125'],
  ['-150000000', 8, '-1.5'],
  ['12345678901234567890', 18, '12.34567890123456789'],
  ['600000000000', 12, '0.6'],
  ['7', 0, '7'],
])('%s of a coin with %i decimals is %s', (atomic, decimals, expected) => {
  expect(written(atomic, decimals)).toBe(expected);
});

test('no digit is lost or made up', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 39n), max: 10n ** 39n }), fc.nat(18), (atomic, decimals) => {
      const text = written(atomic.toString(), decimals);
      expect(text).toMatch(/^-?(0|[1-9]\d*)(\.\d*[1-9])?$/);
      const [whole = '', fraction = ''] = text.split('.');
      expect(BigInt(whole.replace('-', '') + fraction.padEnd(decimals, '0'))).toBe(
        atomic < 0n ? -atomic : atomic,
      );
      expect(text.startsWith('-')).toBe(atomic < 0n);
      expect(Number.isFinite(JSON.parse(text))).toBe(true);
    }),
  );
});
