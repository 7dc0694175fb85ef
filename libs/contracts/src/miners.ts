/** Miners as the API shows them: all by hash rate, and one with what it has at every pool. */
import { z } from 'zod';
import { MAX_PAGE_ROWS } from './query-requests.ts';

const decimal = z.string().regex(/^-?\d+$/);
const unixMs = z.number().int();
const poolId = z.string().min(1).max(24);
const address = z.string().min(1).max(255);
const shares = z.object({ accepted: z.number().int(), rejected: z.number().int() });

export const minerSortSchema = z.enum(['hashrate', 'lastShare']);
export type MinerSort = z.infer<typeof minerSortSchema>;

/** accountingMiners: who has had a share accepted within the last forty minutes. */
export const minersRequestSchema = z.object({
  poolId: poolId.optional(),
  sort: minerSortSchema,
  limit: z.number().int().min(1).max(MAX_PAGE_ROWS),
  offset: z.number().int().min(0),
});
export type MinersRequest = z.infer<typeof minersRequestSchema>;

export const minerSummarySchema = z.object({
  poolId: z.string(),
  address: z.string(),
  hashrateHs: z.number(),
  sharesPerSecond: z.number(),
  /** Seen within the last ten minutes. */
  workersOnline: z.number().int(),
  workers: z.number().int(),
  shares,
  lastShareAtMs: unixMs.optional(),
});
export type MinerSummary = z.infer<typeof minerSummarySchema>;

/** accountingMiner: one address, in all pools. */
export const minerRequestSchema = z.object({ address });
export type MinerRequest = z.infer<typeof minerRequestSchema>;

export const minerSchema = z.object({
  address: z.string(),
  atMs: unixMs,
  pools: z.array(minerSummarySchema),
  balances: z.array(
    z.object({
      poolId: z.string(),
      coin: z.string(),
      symbol: z.string(),
      decimals: z.number().int(),
      immatureAtomic: decimal,
      maturedAtomic: decimal,
      /** In a payout that the chain has not confirmed yet. */
      payingAtomic: decimal,
      paidAtomic: decimal,
      /** From what balance on it is paid; absent where the pool pays nobody. */
      payoutMinimumAtomic: decimal.optional(),
      /** Who said so. */
      payoutMinimumBy: z.enum(['pool', 'login', 'signature']).optional(),
    }),
  ),
});
export type Miner = z.infer<typeof minerSchema>;

/** Nothing where no pool has ever heard of the address. */
export const minersFoundSchema = z.array(minerSchema).max(1);
