/** accountingHashrate: hash rate over time of a pool, a miner or a worker, for charts. */
import { z } from 'zod';

/** More than a chart can show. */
export const MAX_HASHRATE_POINTS = 1_000;

export const hashrateRequestSchema = z.object({
  poolId: z.string().min(1).max(24),
  /** Absent: the whole pool. */
  address: z.string().min(1).max(255).optional(),
  /** Absent: all of the miner's. */
  worker: z.string().max(255).optional(),
  windowMs: z.number().int().positive(),
  /** Whole minutes; absent: as fits the window. */
  stepMs: z.number().int().positive().optional(),
});
export type HashrateRequest = z.infer<typeof hashrateRequestSchema>;

/** Oldest first, from the first work in the window on, without gaps. */
export const hashrateSchema = z.object({
  poolId: z.string(),
  stepMs: z.number().int(),
  points: z
    .array(z.object({ atMs: z.number().int(), hashrateHs: z.number(), shares: z.number().int() }))
    .max(MAX_HASHRATE_POINTS + 1),
});
export type Hashrate = z.infer<typeof hashrateSchema>;
