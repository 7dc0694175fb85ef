/** Ranges of the share log, and what is left of one without others. Pure; in order and apart in every result. */

/** Positions of the log, both ends included. */
export interface LogRange {
  readonly from: bigint;
  readonly to: bigint;
}

const byStart = (a: LogRange, b: LogRange): number => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0);

/** What of `whole` is in none of `taken`. */
export const subtractRanges = (whole: readonly LogRange[], taken: readonly LogRange[]): LogRange[] => {
  const cuts = taken.toSorted(byStart);
  const left: LogRange[] = [];
  for (const { from, to } of whole.toSorted(byStart)) {
    let next = from;
    for (const cut of cuts) {
      if (cut.to < next) continue;
      if (cut.from > to) break;
      if (cut.from > next) left.push({ from: next, to: cut.from - 1n });
      next = cut.to + 1n;
    }
    if (next <= to) left.push({ from: next, to });
  }
  return left;
};

/** What of `whole` is in one of `others`. */
export const intersectRanges = (whole: readonly LogRange[], others: readonly LogRange[]): LogRange[] =>
  subtractRanges(whole, subtractRanges(whole, others));
