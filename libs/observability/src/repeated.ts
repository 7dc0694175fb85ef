/**
 * Keeps a peer's noise out of the log: each key may speak once per interval, what it swallowed in between is
 * counted in the next line. The number of keys is bounded; beyond it the oldest is forgotten.
 */
import type { Clock } from '@otedama/contracts';

const MAX_KEYS = 1024;

export interface RepeatLimiter {
  /** Undefined: stay quiet. Otherwise the number of times it stayed quiet since it last spoke. */
  allow(key: string): number | undefined;
}

export const createRepeatLimiter = (clock: Clock, intervalMs: number): RepeatLimiter => {
  const keys = new Map<string, { spokeAtMs: number; swallowed: number }>();
  return {
    allow(key) {
      const now = clock();
      const known = keys.get(key);
      if (known !== undefined && now - known.spokeAtMs < intervalMs) {
        known.swallowed += 1;
        return undefined;
      }
      keys.delete(key);
      const oldest = keys.keys().next();
      if (keys.size >= MAX_KEYS && oldest.done !== true) keys.delete(oldest.value);
      keys.set(key, { spokeAtMs: now, swallowed: 0 });
      return known?.swallowed ?? 0;
    },
  };
};
