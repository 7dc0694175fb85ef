/** Rounds: from one block of a pool's chain to the next. */
import { z } from 'zod';
import { MAX_PAGE_ROWS } from './query-requests.ts';

const decimal = z.string().regex(/^\d+$/);
const unixMs = z.number().int();
const poolId = z.string().min(1).max(24);

/** accountingRounds: those that a block has ended, the newest first. */
export const roundsRequestSchema = z.object({
  poolId: poolId.optional(),
  coin: z.string().min(1).max(64).optional(),
  limit: z.number().int().min(1).max(MAX_PAGE_ROWS),
  offset: z.number().int().min(0),
});
export type RoundsRequest = z.infer<typeof roundsRequestSchema>;

/** accountingRound: the one that is under way. */
export const roundRequestSchema = z.object({ poolId });
export type RoundRequest = z.infer<typeof roundRequestSchema>;

export const roundSchema = z.object({
  poolId: z.string(),
  coin: z.string(),
  /** When the block before was found; absent in the first round. */
  startedAtMs: unixMs.optional(),
  /** Absent while the round is under way. */
  endedAtMs: unixMs.optional(),
  /** Hashes. */
  work: decimal,
  /** That the network expected for a block at its end; absent where it is not known. */
  networkWork: decimal.optional(),
  /** Work over the network's; 1 is average. */
  effort: z.number().optional(),
  /** 100 is average, more is luck. */
  luckPercent: z.number().optional(),
  /** What ended it. */
  block: z
    .object({
      height: z.number().int(),
      hash: z.string(),
      state: z.enum(['immature', 'matured', 'orphaned', 'rejected']),
      finder: z.string(),
    })
    .optional(),
});
export type Round = z.infer<typeof roundSchema>;
