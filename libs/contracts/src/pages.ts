/**
 * What pages of a pool's own coin show beside the lists of `query-requests.ts`: facts and history of a pool and of one
 * of its miners, and what was paid, with totals to page by. For front ends that were written for other pools.
 */
import { z } from 'zod';
import { MAX_PAGE_ROWS } from './query-requests.ts';

const decimal = z.string().regex(/^-?\d+$/);
const unixMs = z.number().int();
const poolId = z.string().min(1).max(24);
const address = z.string().min(1).max(255);
const hashes = z.string().regex(/^\d+$/);

/** Entries that a total counts, and that can be paged to. */
export const MAX_COUNTED_ROWS = 10_000;

const page = {
  limit: z.number().int().min(1).max(MAX_PAGE_ROWS),
  offset: z.number().int().min(0).max(MAX_COUNTED_ROWS),
};
const total = z.number().int();

/** accountingPoolFacts: nothing where there is no such pool. */
export const poolFactsRequestSchema = z.object({ poolId });
export type PoolFactsRequest = z.infer<typeof poolFactsRequestSchema>;

export const poolFactsSchema = z.object({
  poolId: z.string(),
  /** Where its block rewards go. */
  payoutAddress: z.string(),
  /** What has left for miners. */
  paidAtomic: decimal,
  lastBlockAtMs: unixMs.optional(),
  /** Of its last mature block. */
  lastRewardAtomic: decimal.optional(),
});
export type PoolFacts = z.infer<typeof poolFactsSchema>;
export const poolFactsFoundSchema = z.array(poolFactsSchema).max(1);

/** A step for each point; both in milliseconds. */
const range = { windowMs: z.number().int().positive(), stepMs: z.number().int().positive() };

/** accountingPoolHistory: oldest first, from the first work in the window on. */
export const poolHistoryRequestSchema = z.object({ poolId, ...range });
export type PoolHistoryRequest = z.infer<typeof poolHistoryRequestSchema>;

export const poolHistorySchema = z.array(
  z.object({
    atMs: unixMs,
    hashrateHs: z.number(),
    shares: z.number().int(),
    /** What follows is absent where nobody has looked. */
    miners: z.number().int().optional(),
    workers: z.number().int().optional(),
    /** Hashes that a block was expected to take. */
    networkWork: hashes.optional(),
  }),
);
export type PoolHistory = z.infer<typeof poolHistorySchema>;

/** accountingMinerHistory: oldest first; steps and workers without work are left out. */
export const minerHistoryRequestSchema = z.object({ poolId, address, ...range });
export type MinerHistoryRequest = z.infer<typeof minerHistoryRequestSchema>;

export const minerHistorySchema = z.array(
  z.object({
    atMs: unixMs,
    workers: z.array(z.object({ worker: z.string(), hashrateHs: z.number(), sharesPerSecond: z.number() })),
  }),
);
export type MinerHistory = z.infer<typeof minerHistorySchema>;

/** accountingMinerFacts */
export const minerFactsRequestSchema = z.object({ poolId, address });
export type MinerFactsRequest = z.infer<typeof minerFactsRequestSchema>;

export const minerFactsSchema = z.object({
  /** Hashes since the pool's last block; whole hours of it where that is longer ago than the last hours. */
  roundWork: hashes,
  /** Since midnight in UTC. */
  paidTodayAtomic: decimal,
  /** Of what is debited for payouts, the part that has left and that the chain has not confirmed. */
  inTransitAtomic: decimal,
  lastPayment: z.object({ atMs: unixMs, txid: z.string() }).optional(),
  /** That it has found, of those that the network took. */
  blocksImmature: z.number().int(),
  blocksMatured: z.number().int(),
});
export type MinerFacts = z.infer<typeof minerFactsSchema>;

/** accountingPaid: payments that have left, newest first; without an address of all miners. */
export const paidRequestSchema = z.object({ poolId, address: address.optional(), ...page });
export type PaidRequest = z.infer<typeof paidRequestSchema>;

export const paidSchema = z.object({
  total,
  items: z.array(z.object({ address: z.string(), amountAtomic: decimal, txid: z.string(), atMs: unixMs })),
});
export type Paid = z.infer<typeof paidSchema>;

/** accountingPaidDays: what was paid by day in UTC, the last day first. */
export const minerPageRequestSchema = z.object({ poolId, address, ...page });
export type MinerPageRequest = z.infer<typeof minerPageRequestSchema>;

export const paidDaysSchema = z.object({
  total,
  items: z.array(z.object({ dayMs: unixMs, amountAtomic: decimal })),
});
export type PaidDays = z.infer<typeof paidDaysSchema>;

/** accountingBalanceChanges: of what a miner can be paid, newest first. */
export const balanceChangesSchema = z.object({
  total,
  items: z.array(
    z.object({
      kind: z.string(),
      atMs: unixMs,
      /** Positive is owed more. */
      amountAtomic: decimal,
      /** Of the block that it comes from. */
      height: z.number().int().optional(),
    }),
  ),
});
export type BalanceChanges = z.infer<typeof balanceChangesSchema>;

/** accountingFound: blocks of the pools' own coins that their networks took, newest first. */
export const foundStateSchema = z.enum(['immature', 'matured', 'orphaned']);
export const foundRequestSchema = z.object({
  /** Absent: of all pools. */
  poolId: poolId.optional(),
  /** Address of the miner that found them. */
  finder: address.optional(),
  states: z.array(foundStateSchema).min(1).max(3),
  ...page,
});
export type FoundRequest = z.infer<typeof foundRequestSchema>;

export const foundSchema = z.object({
  total,
  items: z.array(
    z.object({
      poolId: z.string(),
      height: z.number().int(),
      hash: z.string(),
      /** Empty where the chain names none. */
      coinbaseTxid: z.string(),
      state: foundStateSchema,
      confirmations: z.number().int(),
      requiredConfirmations: z.number().int(),
      rewardAtomic: decimal,
      /** Hashes that the block was expected to take. */
      networkWork: hashes,
      finderAddress: z.string(),
      foundAtMs: unixMs,
      effort: z.number().optional(),
    }),
  ),
});
export type Found = z.infer<typeof foundSchema>;
