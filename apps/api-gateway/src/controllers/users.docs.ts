import { userSummarySchema } from '@otedama/contracts';

import {
  madeSchema,
  newUserSchema,
  userChangeSchema,
  userNameParamsSchema,
  userResetSchema,
} from '../access/schemas.ts';
import { LIST_PROBLEMS, type ResourceDocs, SERVICE_PROBLEMS } from '../docs/describe.ts';
import type { UsersController } from './users.controller.ts';

const one = {
  tag: 'access',
  params: userNameParamsSchema,
  reply: 'Made',
  problems: [404, 409, ...LIST_PROBLEMS],
} as const;

export const usersDocs: ResourceDocs<UsersController> = {
  schemas: {
    User: userSummarySchema,
    NewUser: newUserSchema,
    UserChange: userChangeSchema,
    UserReset: userResetSchema,
    Made: madeSchema,
  },
  routes: {
    list: {
      tag: 'access',
      summary: 'Who may log in.',
      reply: 'User',
      replyIsList: true,
      problems: SERVICE_PROBLEMS,
    },
    add: {
      tag: 'access',
      summary: 'Adds a user; the answer has its first password, which the first login replaces.',
      body: 'NewUser',
      reply: 'Made',
      problems: [409, ...LIST_PROBLEMS],
    },
    change: { ...one, summary: 'Gives a user another role, disables or enables it.', body: 'UserChange' },
    reset: {
      ...one,
      summary: 'A new first password, or no authenticator app any more; ends the sessions of the user.',
      body: 'UserReset',
    },
    endSessions: { ...one, summary: 'Ends every session of a user.' },
  },
};
