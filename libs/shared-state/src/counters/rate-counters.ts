/**
 * Budgets that all processes of a fleet draw from together. Whoever draws is answered at once, out of what this
 * process knows; the others hear of it a moment later. So together they may draw more than a budget for that
 * moment, and it is taken off afterwards.
 */
import type { Budget } from '@otedama/edge';

export interface RateCounter {
  /** Takes the tokens; 0, or how many milliseconds until there are so many: nothing is taken then. */
  take(key: string, tokens?: number): number;
  /** What `take` would say. */
  wait(key: string, tokens?: number): number;
  /** Whole tokens that are there. */
  left(key: string): number;
}

export type CountersState =
  | { readonly state: 'up' }
  /** Each process counts for itself. */
  | { readonly state: 'degraded'; readonly reason: string };

export interface RateCounters {
  /** The same name means the same budget in every process. */
  counter(name: string, budget: Budget): RateCounter;
  state(): CountersState;
  close(): Promise<void>;
}

/** Keys that are remembered of each budget, some 200 bytes each; the longest unseen are forgotten first. */
export const MAX_COUNTED_KEYS = 50_000;
