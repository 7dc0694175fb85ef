import { formatAmount, formatDuration, formatHashrate, parseAmount } from './format.ts';

describe('numbers for people', () => {
  it('prints atomic units exactly, whatever their size', () => {
    expect(formatAmount('0', 8)).toBe('0.00');
    expect(formatAmount('1', 8)).toBe('0.00000001');
    expect(formatAmount('5000000000', 8)).toBe('50.00');
    expect(formatAmount('-150000000', 8)).toBe('-1.50');
    expect(formatAmount('123456789012345678901234567890', 8)).toBe('1234567890123456789012.3456789');
  });

  it('scales hash rates and durations', () => {
    expect(formatHashrate(0)).toBe('0 H/s');
    expect(formatHashrate(21_500_000)).toBe('21.50 MH/s');
    expect(formatHashrate(7e21)).toBe('7.00 ZH/s');
    expect(formatDuration(59)).toBe('59s');
    expect(formatDuration(3_661)).toBe('1h 1m');
    expect(formatDuration(90_000)).toBe('1d 1h');
  });
});

it.each([
  ['1', 8, 100_000_000n],
  ['-0.00000001', 8, -1n],
  ['+2.5', 12, 2_500_000_000_000n],
  ['0.000000001', 8, undefined],
  ['1e3', 8, undefined],
  ['1,5', 8, undefined],
  ['', 8, undefined],
  ['7', 0, 7n],
])('reads the amount %s of %d decimals', (text, decimals, atomic) => {
  expect(parseAmount(text, decimals)).toBe(atomic);
});
