import { banParamsSchema, banSchema, bansParamsSchema, newBanSchema } from '../bans/schemas.ts';
import { LIST_PROBLEMS, type ResourceDocs } from '../docs/describe.ts';
import { pageSchema } from '../http/query-params.ts';
import type { BansController } from './bans.controller.ts';

export const bansDocs: ResourceDocs<BansController> = {
  schemas: { Ban: banSchema, BanPage: pageSchema(banSchema), NewBan: newBanSchema },
  routes: {
    list: {
      tag: 'defence',
      summary: 'Who is kept out of the ports for miners: by operators first, then the newest first.',
      params: bansParamsSchema,
      reply: 'BanPage',
      problems: LIST_PROBLEMS,
    },
    add: {
      tag: 'defence',
      summary: 'Keeps out an address, a range or an account, and sends away who is in.',
      body: 'NewBan',
      reply: 'Ban',
      problems: [409, ...LIST_PROBLEMS],
    },
    remove: {
      tag: 'defence',
      summary: 'Lifts a ban, whoever ordered or imposed it; the answer is what it was.',
      params: banParamsSchema,
      reply: 'Ban',
      problems: [404, ...LIST_PROBLEMS],
    },
  },
};
