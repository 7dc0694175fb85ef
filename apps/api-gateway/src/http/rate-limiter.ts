/** A budget of requests for each of those who ask: an address, where IPv6 counts by /64, or a key or user. */
import type { Budget } from '@otedama/edge';
import type { RateCounter, RateCounters } from '@otedama/shared-state';

import { ProblemError } from './problem.ts';

export interface RateLimiter {
  /** Takes one token; 0, or how many milliseconds until there is one. */
  take(key: string): number;
  /** What is left, as clients read it (draft-ietf-httpapi-ratelimit-headers). */
  headers(key: string): Readonly<Record<string, string>>;
  /** Takes one token; the problem that says how long to wait, if there is none. */
  refusalFor(key: string): ProblemError | undefined;
}

export interface RateLimiterOptions {
  /** Whose budget it is, in a word. */
  readonly who: string;
  readonly budget: Budget;
  /** What the budget is counted by. */
  readonly keyOf: (text: string) => string;
  /** Whom, as it was asked for. */
  readonly onRefused: (key: string) => void;
}

export function createRateLimiter(
  counters: RateCounters,
  { who, budget, keyOf, onRefused }: RateLimiterOptions,
): RateLimiter {
  const { ratePerSecond, burst } = budget;
  const counter: RateCounter = counters.counter(`api-${who}`, budget);
  const take = (key: string): number => counter.take(keyOf(key));
  const policy = `"${who}";q=${burst};w=${Math.ceil(burst / ratePerSecond)}`;
  const detail = `This ${who} sent more requests than the configured rate.`;
  return {
    take,
    headers(key) {
      const left = counter.left(keyOf(key));
      const fullAfterSeconds = Math.ceil((burst - left) / ratePerSecond);
      return { 'ratelimit-policy': policy, ratelimit: `"${who}";r=${left};t=${fullAfterSeconds}` };
    },
    refusalFor(key) {
      const waitMs = take(key);
      if (waitMs === 0) return undefined;
      onRefused(key);
      const headers = { 'retry-after': String(Math.ceil(waitMs / 1_000)) };
      return new ProblemError('rate-limited', { detail, headers });
    },
  };
}
