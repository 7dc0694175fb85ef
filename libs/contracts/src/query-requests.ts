/**
 * What the accounting queries of `subjects.ts` ask; their replies are in `queries.ts`. Replies are plain
 * arrays of at most `limit` entries: a caller that wants to know whether there is more asks for one more.
 */
import { z } from 'zod';
import { blockStateSchema } from './queries.ts';

/** A reply of this many rows is still well under the 1 MiB that a NATS message may carry. */
export const MAX_PAGE_ROWS = 1_001;

const poolId = z.string().min(1).max(24).optional();
const address = z.string().min(1).max(255).optional();
const page = {
  limit: z.number().int().min(1).max(MAX_PAGE_ROWS),
  offset: z.number().int().min(0),
};

/** accountingStats: hash rate of each pool over the last `windowMs`. */
export const statsRequestSchema = z.object({ windowMs: z.number().int().positive() });
export type StatsRequest = z.infer<typeof statsRequestSchema>;

/** accountingWorkers: those seen last come first. */
export const workersRequestSchema = z.object({ poolId, address, ...page });
export type WorkersRequest = z.infer<typeof workersRequestSchema>;

/** accountingBlocks: newest first. What is absent counts for all. */
export const blocksRequestSchema = z.object({
  poolId,
  coin: z.string().min(1).max(64).optional(),
  hash: z.string().max(64).optional(),
  state: blockStateSchema.optional(),
  /** Address of the miner that found it. */
  finder: address,
  ...page,
});
export type BlocksRequest = z.infer<typeof blocksRequestSchema>;

/** accountingBalances: by address. */
export const balancesRequestSchema = z.object({ poolId, address, ...page });
export type BalancesRequest = z.infer<typeof balancesRequestSchema>;
