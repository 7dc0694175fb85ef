import { poolSummarySchema } from '@otedama/contracts';

import { type ResourceDocs, SERVICE_PROBLEMS } from '../docs/describe.ts';
import type { PoolsController } from './pools.controller.ts';

export const poolsDocs: ResourceDocs<PoolsController> = {
  schemas: { Pool: poolSummarySchema },
  routes: {
    list: {
      tag: 'pool',
      summary: 'The pools and their totals.',
      reply: 'Pool',
      replyIsList: true,
      problems: SERVICE_PROBLEMS,
    },
  },
};
