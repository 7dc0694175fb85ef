/** The answers of Miningcore's API, field by field: they check nothing, they document and type. */
import { z } from 'zod';

import { coinsSchema } from './amounts.ts';

const time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  .describe('In UTC.');
const link = z.string().describe('Of a public explorer, where one is known for the chain.');

const rates = { hashrate: z.number(), sharesPerSecond: z.number() };

export const minerRateSchema = z.object({ miner: z.string(), ...rates });

export const samplesSchema = z.object({
  created: time,
  workers: z.record(z.string(), z.object(rates)).describe('By name; empty for a worker without one.'),
});

const portSchema = z.object({
  listenAddress: z.string(),
  difficulty: z.number(),
  varDiff: z.object({ minDiff: z.number(), maxDiff: z.number() }),
  tls: z.boolean(),
  tlsAuto: z.boolean(),
});

export const poolInfoSchema = z.object({
  id: z.string(),
  coin: z.object({
    type: z.string(),
    name: z.string(),
    symbol: z.string(),
    family: z.string(),
    algorithm: z.string(),
    canonicalName: z.string(),
  }),
  ports: z.record(z.string(), portSchema).describe('By port.'),
  paymentProcessing: z.object({
    enabled: z.boolean(),
    minimumPayment: coinsSchema,
    payoutScheme: z.string(),
  }),
  clientConnectionTimeout: z.number(),
  jobRebroadcastTimeout: z.number(),
  blockRefreshInterval: z.number(),
  poolFeePercent: z.number(),
  address: z.string(),
  addressInfoLink: link.optional(),
  poolStats: z.object({
    lastPoolBlockTime: time.optional(),
    connectedMiners: z.number(),
    connectedWorkers: z.number(),
    poolHashrate: z.number(),
    sharesPerSecond: z.number(),
  }),
  networkStats: z.object({
    networkType: z.string(),
    networkHashrate: z.number(),
    networkDifficulty: z.number(),
    blockHeight: z.number(),
    connectedPeers: z.number().describe('Daemons of the pool that are up.'),
    rewardType: z.string(),
  }),
  topMiners: z.array(minerRateSchema),
  totalPaid: coinsSchema,
  totalBlocks: z.number(),
  totalConfirmedBlocks: z.number(),
  totalPendingBlocks: z.number(),
  blockReward: coinsSchema.describe('Of the last confirmed block.'),
  lastPoolBlockTime: time.optional(),
  poolEffort: z.number().describe('Of the round under way; 1 is average.'),
});
export type PoolInfo = z.infer<typeof poolInfoSchema>;

export const poolsSchema = z.object({ pools: z.array(poolInfoSchema) });
export const poolSchema = z.object({ pool: poolInfoSchema });

export const performanceSchema = z.object({
  stats: z.array(
    z.object({
      poolHashrate: z.number(),
      connectedMiners: z.number(),
      connectedWorkers: z.number(),
      validSharesPerSecond: z.number(),
      networkHashrate: z.number(),
      networkDifficulty: z.number(),
      created: time,
    }),
  ),
});
export type Performance = z.infer<typeof performanceSchema>;

export const minerStatsSchema = z.object({
  pendingShares: z.number().describe('Difficulty of the shares since the last block.'),
  pendingBalance: coinsSchema,
  totalPaid: coinsSchema,
  todayPaid: coinsSchema,
  minerEffort: z.number(),
  lastPayment: time.optional(),
  lastPaymentLink: link.optional(),
  performance: samplesSchema.optional(),
  performanceSamples: z.array(samplesSchema),
  totalConfirmedBlocks: z.number(),
  totalPendingBlocks: z.number(),
});
export type MinerStats = z.infer<typeof minerStatsSchema>;
export type Samples = z.infer<typeof samplesSchema>;

export const minerSettingsSchema = z.object({ paymentThreshold: coinsSchema });

export const foundBlockSchema = z.object({
  poolId: z.string(),
  blockHeight: z.number(),
  networkDifficulty: z.number(),
  status: z.enum(['pending', 'confirmed', 'orphaned']),
  confirmationProgress: z.number(),
  effort: z.number().optional(),
  transactionConfirmationData: z.string(),
  reward: coinsSchema,
  infoLink: link.optional(),
  hash: z.string(),
  miner: z.string(),
  created: time,
});
export type FoundBlock = z.infer<typeof foundBlockSchema>;

export const sentPaymentSchema = z.object({
  coin: z.string(),
  address: z.string(),
  addressInfoLink: link.optional(),
  amount: coinsSchema,
  transactionConfirmationData: z.string(),
  transactionInfoLink: link.optional(),
  created: time,
});
export type SentPayment = z.infer<typeof sentPaymentSchema>;

export const balanceChangeSchema = z.object({
  poolId: z.string(),
  address: z.string(),
  amount: coinsSchema,
  usage: z.string(),
  created: time,
});
export type BalanceChange = z.infer<typeof balanceChangeSchema>;

export const dayEarningsSchema = z.object({ amount: coinsSchema, date: time });
export type DayEarnings = z.infer<typeof dayEarningsSchema>;

/** The answers under /api/v2. */
export const pagedSchema = <Item extends z.ZodType>(item: Item) =>
  z.object({
    result: z.array(item),
    itemCount: z.number(),
    pageCount: z.number().describe('Full pages.'),
    success: z.boolean(),
  });
