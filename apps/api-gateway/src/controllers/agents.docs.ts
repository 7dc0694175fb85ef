import { agentSchema } from '@otedama/contracts';

import { LIST_PROBLEMS, type ResourceDocs } from '../docs/describe.ts';
import { agentParamsSchema, noParamsSchema } from '../http/query-params.ts';
import type { AgentsController } from './agents.controller.ts';

export const agentsDocs: ResourceDocs<AgentsController> = {
  schemas: { Agent: agentSchema },
  routes: {
    list: {
      tag: 'mining',
      summary: 'Every agent that answers, with its devices.',
      params: noParamsSchema,
      reply: 'Agent',
      replyIsList: true,
      problems: LIST_PROBLEMS,
    },
    one: {
      tag: 'mining',
      summary: 'One agent with its devices.',
      params: agentParamsSchema,
      reply: 'Agent',
      problems: [404, ...LIST_PROBLEMS],
    },
  },
};
