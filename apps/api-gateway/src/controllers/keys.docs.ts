import { keySummarySchema } from '@otedama/contracts';

import { keyParamsSchema, madeSchema, newKeySchema } from '../access/schemas.ts';
import { LIST_PROBLEMS, type ResourceDocs, SERVICE_PROBLEMS } from '../docs/describe.ts';
import type { KeysController } from './keys.controller.ts';

export const keysDocs: ResourceDocs<KeysController> = {
  schemas: { Key: keySummarySchema, NewKey: newKeySchema, Made: madeSchema },
  routes: {
    list: {
      tag: 'access',
      summary: 'Keys that are good, newest first.',
      reply: 'Key',
      replyIsList: true,
      problems: SERVICE_PROBLEMS,
    },
    add: {
      tag: 'access',
      summary: 'Makes a key; the answer has it, and nobody has it again.',
      body: 'NewKey',
      reply: 'Made',
      problems: [409, ...LIST_PROBLEMS],
    },
    revoke: {
      tag: 'access',
      summary: 'The key is good for nothing any more.',
      params: keyParamsSchema,
      reply: 'Made',
      problems: [404, ...LIST_PROBLEMS],
    },
  },
};
