/**
 * Payloads of the commands and queries in `subjects.ts`, and of the public REST API: one schema each, which
 * validates, types and documents. Money and work travel as decimal strings of atomic units and hashes.
 */
import { z } from 'zod';

const decimal = z.string().regex(/^-?\d+$/);
const unixMs = z.number().int();

export const miningStatusSchema = z.object({
  /** The agent that answers; absent in the embedded mode. */
  instance: z.string().optional(),
  state: z.enum(['off', 'stopped', 'connecting', 'mining', 'waiting']),
  /** Why it is not mining, in a sentence. */
  reason: z.string().optional(),
  algorithm: z.string().optional(),
  backend: z.string().optional(),
  threads: z.number().int(),
  hashrateHs: z.number(),
  pool: z.string().optional(),
  shares: z.object({ accepted: z.number().int(), rejected: z.number().int(), stale: z.number().int() }),
  devices: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['cpu', 'gpu', 'asic']),
      name: z.string(),
      hashrateHs: z.number(),
    }),
  ),
});
export type MiningStatus = z.infer<typeof miningStatusSchema>;

/** Of one gateway, or the sum of a fleet's. */
export const gatewayStatusSchema = z.object({
  /** The gateway that answers; absent in the embedded mode and in a sum. */
  instance: z.string().optional(),
  /** What a sum is made of. */
  gateways: z.array(z.object({ instance: z.string(), sessions: z.number().int() })).optional(),
  listen: z.array(
    z.object({
      poolId: z.string(),
      address: z.string(),
      tls: z.enum(['none', 'optional', 'required']),
      /** As the miners of the pool count it. */
      initialDifficulty: z.number(),
      minimumDifficulty: z.number(),
      maximumDifficulty: z.number(),
    }),
  ),
  sessions: z.number().int(),
  pools: z.array(
    z.object({
      poolId: z.string(),
      sessions: z.number().int(),
      workers: z.number().int(),
      jobHeight: z.number().int().optional(),
      stoppedReason: z.string().optional(),
      rejectedByReason: z.record(z.string(), z.number().int()),
    }),
  ),
});
export type GatewayStatus = z.infer<typeof gatewayStatusSchema>;

const daemonStatusSchema = z.object({
  name: z.string(),
  /** The validator that sees it so; absent in the embedded mode and in the answer of one validator. */
  instance: z.string().optional(),
  state: z.enum(['up', 'down', 'syncing', 'stale']),
  active: z.boolean(),
  detail: z.string().optional(),
});

/** Of one validator, or of all that a fleet has. */
export const validatorStatusSchema = z.object({
  /** The validator that answers; absent in the embedded mode and for a whole fleet. */
  instance: z.string().optional(),
  /** Who answered for a whole fleet. */
  validators: z.array(z.object({ instance: z.string() })).optional(),
  pools: z.array(
    z.object({
      poolId: z.string(),
      /** Whether the validator that answers gives out this pool's work; absent as `instance` is. */
      leading: z.boolean().optional(),
      /** Who does so in a fleet; absent while nobody does. */
      leader: z.string().optional(),
      coin: z.string(),
      algorithm: z.string(),
      network: z.string(),
      height: z.number().int().optional(),
      networkDifficulty: z.number().optional(),
      /** Hashes that the network expects for a block. */
      networkWork: decimal.optional(),
      daemons: z.array(daemonStatusSchema),
      /** Chains mined below the pool's own; absent for a pool without any. */
      mergedChains: z
        .array(
          z.object({
            coin: z.string(),
            network: z.string(),
            /** Absent while the chain is not mined. */
            height: z.number().int().optional(),
            networkDifficulty: z.number().optional(),
            networkWork: decimal.optional(),
            daemons: z.array(daemonStatusSchema),
          }),
        )
        .optional(),
      /** Of the job that is mined now; absent for a pool whose coinbases pay the pool alone. */
      coinbasePayout: z
        .object({
          /** What accounting has told of them: `old`, when it tells nothing any more. */
          payees: z.enum(['current', 'old', 'none']),
          /** Of when the window is that the job pays by; absent for a job that knows no payees. */
          takenAtMs: unixMs.optional(),
          outputs: z.number().int(),
          paidAtomic: decimal,
        })
        .optional(),
      candidatesSpooled: z.number().int(),
    }),
  ),
});
export type ValidatorStatus = z.infer<typeof validatorStatusSchema>;

/** When miners are paid, and by whom; amounts in atomic units. */
export const payoutTermsSchema = z.object({
  /** From what balance on a miner is paid who wished nothing else. */
  minimumAtomic: decimal,
  /** The least that a miner can wish. */
  lowestMinimumAtomic: decimal,
  intervalMs: z.number().int(),
  feeRule: z.enum(['pool', 'miners']),
});

const blockCountsSchema = z.object({
  accepted: z.number().int(),
  matured: z.number().int(),
  orphaned: z.number().int(),
  rejected: z.number().int(),
});

export const poolSummarySchema = z.object({
  id: z.string(),
  coin: z.string(),
  algorithm: z.string(),
  network: z.string(),
  scheme: z.string(),
  feeBasisPoints: z.number().int(),
  hashrateHs: z.number(),
  /** Workers seen within the last ten minutes. */
  workers: z.number().int(),
  miners: z.number().int(),
  shares: z.object({ accepted: z.number().int(), rejected: z.number().int() }),
  /** Of the pool's own coin, as the amounts. */
  blocks: blockCountsSchema,
  /** Atomic units of the coin, decimal. */
  immatureAtomic: decimal,
  maturedAtomic: decimal,
  decimals: z.number().int(),
  symbol: z.string(),
  /** Absent where the pool pays nobody. */
  payouts: payoutTermsSchema.optional(),
  /** Blocks pay their miners by their own coinbase. */
  paysInCoinbase: z.boolean(),
  /** Coins mined below it by the same shares; absent for a pool without any. */
  mergedChains: z
    .array(
      z.object({
        coin: z.string(),
        symbol: z.string(),
        decimals: z.number().int(),
        blocks: blockCountsSchema,
        immatureAtomic: decimal,
        maturedAtomic: decimal,
        payouts: payoutTermsSchema.optional(),
      }),
    )
    .optional(),
  /** Of a pool that pays by share. */
  bankroll: z
    .object({
      /** Shares are paid by the share; else the breaker is open, and blocks pay their work. */
      pays: z.boolean(),
      /** Since the breaker turned last; absent: it never did. */
      sinceMs: unixMs.optional(),
      balanceAtomic: decimal,
      immatureAtomic: decimal,
      floorAtomic: decimal,
      /** Absent where none would be enough. */
      reserveAtomic: decimal.optional(),
    })
    .optional(),
  height: z.number().int().optional(),
  networkDifficulty: z.number().optional(),
});
export type PoolSummary = z.infer<typeof poolSummarySchema>;

/** accountingPools reply: what the ledger knows; height and network difficulty come from the validator. */
export const accountingPoolsSchema = z.array(poolSummarySchema);

const partStateSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('up') }),
  z.object({ state: z.enum(['degraded', 'down']), reason: z.string() }),
]);

/** accountingHealth reply, of one instance. */
export const accountingHealthSchema = z.object({ books: partStateSchema, payouts: partStateSchema });
export type AccountingHealth = z.infer<typeof accountingHealthSchema>;

export const workerSchema = z.object({
  poolId: z.string(),
  address: z.string(),
  worker: z.string(),
  hashrateHs: z.number(),
  /** Accepted, of the last ten minutes as the hash rate. */
  sharesPerSecond: z.number(),
  shares: z.object({ accepted: z.number().int(), rejected: z.number().int() }),
  lastShareAtMs: unixMs.optional(),
  online: z.boolean(),
});
export type WorkerSummary = z.infer<typeof workerSchema>;

export const blockStateSchema = z.enum(['immature', 'matured', 'orphaned', 'rejected']);

export const blockSchema = z.object({
  poolId: z.string(),
  /** The pool's own, or one that is mined below it. */
  coin: z.string(),
  symbol: z.string(),
  decimals: z.number().int(),
  height: z.number().int(),
  hash: z.string(),
  state: blockStateSchema,
  confirmations: z.number().int(),
  requiredConfirmations: z.number().int(),
  rewardAtomic: decimal,
  /** Of it, what its own coinbase paid to miners; absent where it paid the pool alone. */
  paidInCoinbaseAtomic: decimal.optional(),
  finder: z.string(),
  foundAtMs: unixMs,
  /** Work of the round over the network's work for one block; 1 is average, less is luck. */
  effort: z.number().optional(),
});
export type BlockSummary = z.infer<typeof blockSchema>;

export const balanceSchema = z.object({
  poolId: z.string(),
  address: z.string(),
  coin: z.string(),
  symbol: z.string(),
  decimals: z.number().int(),
  immatureAtomic: decimal,
  maturedAtomic: decimal,
});
export type BalanceSummary = z.infer<typeof balanceSchema>;

/** Hash rate by pool over time: `bucketMs` wide, oldest first. */
export const statsSchema = z.object({
  bucketMs: z.number().int(),
  pools: z.array(
    z.object({
      poolId: z.string(),
      points: z.array(z.object({ atMs: unixMs, hashrateHs: z.number(), shares: z.number().int() })),
    }),
  ),
});
export type Stats = z.infer<typeof statsSchema>;

export const statusSchema = z.object({
  version: z.string(),
  uptimeSeconds: z.number().int(),
  mining: miningStatusSchema,
  pools: z.array(poolSummarySchema),
  validator: validatorStatusSchema,
  gateway: gatewayStatusSchema,
});
export type Status = z.infer<typeof statusSchema>;
