import { hashrateSchema, poolDetailSchema, poolSummarySchema, roundSchema } from '@otedama/contracts';

import { LIST_PROBLEMS, type ResourceDocs } from '../docs/describe.ts';
import { noParamsSchema, poolHashrateParamsSchema, poolParamsSchema } from '../http/query-params.ts';
import type { PoolsController } from './pools.controller.ts';

export const poolsDocs: ResourceDocs<PoolsController> = {
  schemas: {
    Pool: poolSummarySchema,
    PoolDetail: poolDetailSchema,
    Hashrate: hashrateSchema,
    Round: roundSchema,
  },
  routes: {
    list: {
      tag: 'pool',
      summary: 'The pools and their totals.',
      params: noParamsSchema,
      reply: 'Pool',
      replyIsList: true,
      problems: LIST_PROBLEMS,
    },
    one: {
      tag: 'pool',
      summary: 'One pool: totals, terms, and where its miners connect.',
      params: poolParamsSchema,
      reply: 'PoolDetail',
      problems: [404, ...LIST_PROBLEMS],
    },
    hashrate: {
      tag: 'pool',
      summary: 'Hash rate of a pool over time.',
      params: poolHashrateParamsSchema,
      reply: 'Hashrate',
      problems: LIST_PROBLEMS,
    },
    round: {
      tag: 'pool',
      summary: "The round under way: work since the last block of the pool's own chain.",
      params: poolParamsSchema,
      reply: 'Round',
      problems: [404, ...LIST_PROBLEMS],
    },
  },
};
