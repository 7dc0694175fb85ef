import fc from 'fast-check';

import { amountParts, formatAmount } from './amount.ts';
import { formatHashrate } from './hashrate.ts';
import { formatDifficulty, formatEffort, formatShare } from './number.ts';
import { shortHash, shorten } from './text.ts';
import { formatAge, formatDuration } from './time.ts';

it.each([
  [0, '0 H/s'],
  [-1, '0 H/s'],
  [Number.NaN, '0 H/s'],
  [0.54, '0.5 H/s'],
  [999, '999 H/s'],
  [999.6, '1.00 kH/s'],
  [1_234, '1.23 kH/s'],
  [31_415_926, '31.4 MH/s'],
  [999_499_999, '999 MH/s'],
  [999_500_000, '1.00 GH/s'],
  [6.2e20, '620 EH/s'],
  [5e24, '5000 ZH/s'],
])('prints %d as %s', (hashrate, text) => {
  expect(formatHashrate(hashrate)).toBe(text);
});

it.each([
  ['0', 8, '0.00000000'],
  ['1', 8, '0.00000001'],
  ['5000000000', 8, '50.00000000'],
  ['-150000000', 8, '−1.50000000'],
  ['2100000000000000', 8, '21,000,000.00000000'],
  ['123456789012345678901234567890', 12, '123,456,789,012,345,678.901234567890'],
  ['42', 0, '42'],
])('prints %s of %d decimals as %s', (atomic, decimals, text) => {
  expect(formatAmount(atomic, decimals)).toBe(text);
});

it('prints amounts that read back to the same number', () => {
  fc.assert(
    fc.property(fc.bigInt(-(10n ** 30n), 10n ** 30n), fc.integer({ min: 0, max: 18 }), (atomic, decimals) => {
      const text = formatAmount(atomic.toString(), decimals);
      expect(BigInt(text.replaceAll(/[,.]/g, '').replace('−', '-'))).toBe(atomic);
      expect(text.split('.')[1]?.length ?? 0).toBe(decimals);
    }),
  );
});

it('parts the digits that count from the zeros that fill', () => {
  expect(amountParts('4950000000', 8)).toEqual({ whole: '49', significant: '5', zeros: '0000000' });
});

it.each([
  [0, '0'],
  [4.656542373906925e-10, '4.66 × 10⁻¹⁰'],
  [0.25, '0.250'],
  [1, '1.00'],
  [1_234, '1.23 k'],
  [109_780_000_000_000, '110 T'],
])('prints the difficulty %d as %s', (difficulty, text) => {
  expect(formatDifficulty(difficulty)).toBe(text);
});

it('prints shares and efforts', () => {
  expect(formatShare(1, 0)).toBe('–');
  expect(formatShare(1, 8)).toBe('12.50 %');
  expect(formatShare(1, 1_000_000)).toBe('< 0.01 %');
  expect(formatShare(0, 10)).toBe('0.00 %');
  expect(formatEffort(1.234)).toBe('123 %');
});

it('prints durations by their two largest units', () => {
  expect([-5, 59, 60, 3_725, 93_784].map(formatDuration)).toEqual([
    '0 s',
    '59 s',
    '1 min 0 s',
    '1 h 2 min',
    '1 d 2 h',
  ]);
});

it('prints ages, and no negative one', () => {
  const now = 1_795_000_000_000;
  const ages = [-5_000, 999, 30_000, 90_000, 7_200_000, 172_800_000];
  expect(ages.map((age) => formatAge(now - age, now))).toEqual([
    'now',
    'now',
    '30 s ago',
    '1 min ago',
    '2 h ago',
    '2 d ago',
  ]);
});

it('cuts long text in the middle and leaves short text alone', () => {
  expect(shortHash(`${'0'.repeat(54)}abcdef0123`)).toBe('0000…abcdef0123');
  expect(shorten('abcdef', 3, 2)).toBe('abcdef');
  expect(shorten('abcdefg', 3, 2)).toBe('abc…fg');
});
