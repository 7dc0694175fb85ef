import { roundSchema } from '@otedama/contracts';

import { LIST_PROBLEMS, type ResourceDocs } from '../docs/describe.ts';
import { pageSchema, roundsParamsSchema } from '../http/query-params.ts';
import type { RoundsController } from './rounds.controller.ts';

export const roundsDocs: ResourceDocs<RoundsController> = {
  schemas: { Round: roundSchema, RoundPage: pageSchema(roundSchema) },
  routes: {
    list: {
      tag: 'pool',
      summary: 'Rounds that a block has ended, the newest first: work, effort and luck.',
      params: roundsParamsSchema,
      reply: 'RoundPage',
      problems: LIST_PROBLEMS,
    },
  },
};
