/** Percentiles of a sample, rounded for people; nearest-rank, so each figure is one that was measured. */
export interface Summary {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

const round = (value: number): number => Number(value.toFixed(3));

export const summarise = (sample: readonly number[]): Summary => {
  const sorted = Float64Array.from(sample).sort();
  const rank = (p: number): number => round(sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? 0);
  return { count: sorted.length, p50: rank(0.5), p99: rank(0.99), p999: rank(0.999), max: rank(1) };
};
