/** Counts, ratios and difficulties. */
import { threeDigits } from './hashrate.ts';

const counts = new Intl.NumberFormat('en-US');

export const formatCount = (value: number): string => counts.format(value);

/** A part of a whole in percent; a dash when there is no whole yet. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0) return '–';
  const percent = (100 * part) / whole;
  return `${percent > 0 && percent < 0.01 ? '< 0.01' : percent.toFixed(2)} %`;
}

/** Beyond this the exact figure says nothing: a chain that was far too easy for its miners. */
const MAX_SHOWN_EFFORT = 100;

/** 1 is the average amount of work for a block. */
export const formatEffort = (effort: number): string =>
  effort >= MAX_SHOWN_EFFORT
    ? `> ${formatCount(100 * MAX_SHOWN_EFFORT - 1)} %`
    : `${(100 * effort).toFixed(0)} %`;

const SUFFIXES = ['', ' k', ' M', ' G', ' T', ' P', ' E'] as const;
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

const superscript = (exponent: number): string =>
  `${exponent < 0 ? '⁻' : ''}${[...String(Math.abs(exponent))].map((digit) => SUPERSCRIPTS[Number(digit)] ?? '').join('')}`;

/** Spans regtest (10⁻¹⁰) to mainnet (10¹⁴). */
export function formatDifficulty(difficulty: number): string {
  if (difficulty <= 0) return '0';
  if (difficulty < 0.001) {
    const exponent = Math.floor(Math.log10(difficulty));
    return `${(difficulty / 10 ** exponent).toFixed(2)} × 10${superscript(exponent)}`;
  }
  if (difficulty < 1) return difficulty.toPrecision(3);
  let value = difficulty;
  let index = 0;
  while (value >= 999.5 && index < SUFFIXES.length - 1) {
    value /= 1_000;
    index += 1;
  }
  return `${threeDigits(value)}${SUFFIXES[index] ?? ''}`;
}
