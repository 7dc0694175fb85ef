import { balanceSchema } from '@otedama/contracts';

import { LIST_PROBLEMS, type ResourceDocs } from '../docs/describe.ts';
import { balancesParamsSchema, pageSchema } from '../http/query-params.ts';
import type { BalancesController } from './balances.controller.ts';

export const balancesDocs: ResourceDocs<BalancesController> = {
  schemas: { Balance: balanceSchema, BalancePage: pageSchema(balanceSchema) },
  routes: {
    list: {
      tag: 'money',
      summary: 'What is owed to each address, in atomic units.',
      params: balancesParamsSchema,
      reply: 'BalancePage',
      problems: LIST_PROBLEMS,
    },
  },
};
