/** Ranges of the log as the database has them: `{[1,5),[8,9)}`. */
import type { LogRange } from '@otedama/rewards';

export const writeRanges = (ranges: readonly LogRange[]): string =>
  `{${ranges.map(({ from, to }) => `[${from},${to}]`).join(',')}}`;

/** Written back by the database they end before their upper bound. */
export const readRanges = (text: string): LogRange[] =>
  Array.from(text.matchAll(/\[(\d+),(\d+)\)/g), ([, from = '', to = '']) => ({
    from: BigInt(from),
    to: BigInt(to) - 1n,
  }));
