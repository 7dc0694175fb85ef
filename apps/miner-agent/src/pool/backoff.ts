/** Doubling waits, spread at random over their upper half: a farm must not come back in step. */
export interface BackoffLimits {
  readonly minMs: number;
  readonly maxMs: number;
}

export const backoffMs = (attempt: number, { minMs, maxMs }: BackoffLimits, random: () => number): number => {
  // 2^30 already is beyond any sensible maximum, and keeps the product finite.
  const full = Math.min(maxMs, minMs * 2 ** Math.min(attempt, 30));
  return Math.round(full / 2 + (full / 2) * random());
};
