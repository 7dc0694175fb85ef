import { statsSchema, workerSchema } from '@otedama/contracts';

import { LIST_PROBLEMS, type ResourceDocs } from '../docs/describe.ts';
import { pageSchema, statsParamsSchema, workersParamsSchema } from '../http/query-params.ts';
import type { StatsController } from './stats.controller.ts';

export const statsDocs: ResourceDocs<StatsController> = {
  schemas: { Stats: statsSchema, Worker: workerSchema, WorkerPage: pageSchema(workerSchema) },
  routes: {
    stats: {
      tag: 'pool',
      summary: 'Hash rate of each pool over time.',
      params: statsParamsSchema,
      reply: 'Stats',
      problems: LIST_PROBLEMS,
    },
    workers: {
      tag: 'pool',
      summary: 'Workers, those seen last first.',
      params: workersParamsSchema,
      reply: 'WorkerPage',
      problems: LIST_PROBLEMS,
    },
  },
};
