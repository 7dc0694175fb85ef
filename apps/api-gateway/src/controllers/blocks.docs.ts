import { blockSchema } from '@otedama/contracts';

import { LIST_PROBLEMS, type ResourceDocs } from '../docs/describe.ts';
import { blockParamsSchema, blocksParamsSchema, pageSchema } from '../http/query-params.ts';
import type { BlocksController } from './blocks.controller.ts';

export const blocksDocs: ResourceDocs<BlocksController> = {
  schemas: { Block: blockSchema, BlockPage: pageSchema(blockSchema) },
  routes: {
    list: {
      tag: 'pool',
      summary: 'Blocks found, newest first.',
      params: blocksParamsSchema,
      reply: 'BlockPage',
      problems: LIST_PROBLEMS,
    },
    one: {
      tag: 'pool',
      summary: 'One block.',
      params: blockParamsSchema,
      reply: 'Block',
      problems: [404, ...LIST_PROBLEMS],
    },
  },
};
