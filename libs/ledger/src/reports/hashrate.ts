/**
 * Hash rate from work by the minute. The window begins with a whole minute, nine to ten minutes ago. What began
 * to work within it is divided by its own age, but by no less than a floor: a first lucky share is no rate yet.
 */
import { MINUTE_MS } from '../work/digest.ts';

export const RATE_WINDOW_MS = 10 * MINUTE_MS;
/** Work this long before the window shows that a series is not young, only slow. */
export const RATE_LOOKBACK_MS = 30 * MINUTE_MS;
export const FLOOR_MS = 30_000;

/** First whole minute of the window. */
export const rateWindowStart = (nowMs: number): number =>
  Math.floor((nowMs - RATE_WINDOW_MS) / MINUTE_MS) * MINUTE_MS + MINUTE_MS;

/** Every minute of the window and of the time before it that tells slow from young. */
export const recentMinutes = (nowMs: number): readonly number[] => {
  const first = rateWindowStart(nowMs) - RATE_LOOKBACK_MS;
  return Array.from({ length: Math.floor((nowMs - first) / MINUTE_MS) + 1 }, (_, i) => first + i * MINUTE_MS);
};

/** Work as expected hashes over a span, at least the floor. */
export const hashrateHs = (work: bigint, spanMs: number): number =>
  (Number(work) * 1000) / Math.max(spanMs, FLOOR_MS);

export interface RateSample {
  readonly work: bigint;
  /** Time of the first work in the window; undefined: none. */
  readonly firstMs: number | undefined;
  /** There was work just before the window. */
  readonly older: boolean;
}

export const sampleRateHs = ({ work, firstMs, older }: RateSample, nowMs: number): number => {
  if (firstMs === undefined) return 0;
  return hashrateHs(work, nowMs - (older ? rateWindowStart(nowMs) : firstMs));
};

/** Shares accepted over the same span. */
export const sampleSharesPerSecond = (
  shares: number,
  { firstMs, older }: RateSample,
  nowMs: number,
): number => {
  if (firstMs === undefined) return 0;
  return (shares * 1000) / Math.max(nowMs - (older ? rateWindowStart(nowMs) : firstMs), FLOOR_MS);
};
