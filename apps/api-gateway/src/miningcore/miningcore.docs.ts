import { LIST_PROBLEMS, type ResourceDocs, type RouteDocs } from '../docs/describe.ts';
import type { MiningcorePagesController } from './miningcore-pages.controller.ts';
import type { MiningcoreController } from './miningcore.controller.ts';
import {
  blocksParams,
  everyBlockParams,
  everyPoolParams,
  minerBlocksParams,
  minerPageParams,
  minerParams,
  minerPerformanceParams,
  minerStatsParams,
  minersParams,
  paymentsParams,
  performanceParams,
  poolParams,
} from './params.ts';
import {
  balanceChangeSchema,
  dayEarningsSchema,
  foundBlockSchema,
  minerRateSchema,
  minerSettingsSchema,
  minerStatsSchema,
  pagedSchema,
  performanceSchema,
  poolSchema,
  poolsSchema,
  samplesSchema,
  sentPaymentSchema,
} from './shapes.ts';

const common = { tag: 'miningcore', namespace: 'Miningcore', isLenient: true } as const;
const problems = [404, ...LIST_PROBLEMS];

const list = (summary: string, reply: string, params: RouteDocs['params']): RouteDocs => ({
  ...common,
  summary,
  reply,
  replyIsList: true,
  ...(params === undefined ? {} : { params }),
  problems,
});

const one = (summary: string, reply: string, params: RouteDocs['params']): RouteDocs => ({
  ...common,
  summary,
  reply,
  ...(params === undefined ? {} : { params }),
  problems,
});

export const miningcoreDocs: ResourceDocs<MiningcoreController> = {
  schemas: {
    MiningcorePools: poolsSchema,
    MiningcorePool: poolSchema,
    MiningcorePerformance: performanceSchema,
    MiningcoreMinerRate: minerRateSchema,
    MiningcoreMiner: minerStatsSchema,
    MiningcoreSamples: samplesSchema,
    MiningcoreSettings: minerSettingsSchema,
    MiningcoreBlock: foundBlockSchema,
    MiningcorePayment: sentPaymentSchema,
    MiningcoreBalanceChange: balanceChangeSchema,
    MiningcoreDayEarnings: dayEarningsSchema,
  },
  routes: {
    pools: one('The pools.', 'MiningcorePools', everyPoolParams),
    pool: one('One pool.', 'MiningcorePool', poolParams),
    performance: one('A pool over time.', 'MiningcorePerformance', performanceParams),
    miners: list('Miners by hash rate.', 'MiningcoreMinerRate', minersParams),
    poolBlocks: list('Blocks of a pool, newest first.', 'MiningcoreBlock', blocksParams),
    payments: list('Payments of a pool, newest first.', 'MiningcorePayment', paymentsParams),
    miner: one('A miner; zeros for who has never mined.', 'MiningcoreMiner', minerStatsParams),
    minerPerformance: list('Hash rates of a miner over time.', 'MiningcoreSamples', minerPerformanceParams),
    minerBlocks: list('Blocks that a miner found.', 'MiningcoreBlock', minerBlocksParams),
    minerPayments: list('Payments to a miner.', 'MiningcorePayment', minerPageParams),
    balanceChanges: list('How a balance came about.', 'MiningcoreBalanceChange', minerPageParams),
    dayEarnings: list('What a miner was paid by day.', 'MiningcoreDayEarnings', minerPageParams),
    minerSettings: one('What a miner has wished.', 'MiningcoreSettings', minerParams),
    blocks: list('Blocks of all pools, newest first.', 'MiningcoreBlock', everyBlockParams),
    healthCheck: { ...common, summary: 'Whether the API answers.', problems: [429] },
    help: { ...common, summary: 'These routes, as text.', problems: [429] },
  },
};

const paged = (summary: string, reply: string, params: RouteDocs['params']): RouteDocs =>
  one(`${summary} With totals, which stop at 10,000.`, reply, params);

export const miningcorePagesDocs: ResourceDocs<MiningcorePagesController> = {
  schemas: {
    MiningcoreBlockPage: pagedSchema(foundBlockSchema),
    MiningcorePaymentPage: pagedSchema(sentPaymentSchema),
    MiningcoreBalanceChangePage: pagedSchema(balanceChangeSchema),
    MiningcoreDayEarningsPage: pagedSchema(dayEarningsSchema),
  },
  routes: {
    blocks: paged('Blocks of a pool.', 'MiningcoreBlockPage', blocksParams),
    payments: paged('Payments of a pool.', 'MiningcorePaymentPage', paymentsParams),
    minerBlocks: paged('Blocks that a miner found.', 'MiningcoreBlockPage', minerBlocksParams),
    minerPayments: paged('Payments to a miner.', 'MiningcorePaymentPage', minerPageParams),
    balanceChanges: paged('How a balance came about.', 'MiningcoreBalanceChangePage', minerPageParams),
    dayEarnings: paged('What a miner was paid by day.', 'MiningcoreDayEarningsPage', minerPageParams),
  },
};
