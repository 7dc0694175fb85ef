import { sessionSummarySchema } from '@otedama/contracts';

import { madeSchema, sessionParamsSchema } from '../access/schemas.ts';
import { LIST_PROBLEMS, type ResourceDocs, SERVICE_PROBLEMS } from '../docs/describe.ts';
import type { SessionsController } from './sessions.controller.ts';

export const sessionsDocs: ResourceDocs<SessionsController> = {
  schemas: { LiveSession: sessionSummarySchema, Made: madeSchema },
  routes: {
    list: {
      tag: 'access',
      summary: 'Sessions that live: of all for an admin, of oneself for others.',
      reply: 'LiveSession',
      replyIsList: true,
      problems: SERVICE_PROBLEMS,
    },
    end: {
      tag: 'access',
      summary: 'Ends a session.',
      params: sessionParamsSchema,
      reply: 'Made',
      problems: [404, ...LIST_PROBLEMS],
    },
  },
};
