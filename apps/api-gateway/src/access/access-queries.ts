/** What the API asks accounting about access, typed and checked. */
import {
  type Access,
  Subject,
  accessStateSchema,
  grantReplySchema,
  identifyReplySchema,
  keySummarySchema,
  logoutReplySchema,
  manageReplySchema,
  ownReplySchema,
  sessionSummarySchema,
  userSummarySchema,
} from '@otedama/contracts';
import { z } from 'zod';

import { createAsk } from '../query/ask.ts';
import type { QueryClient } from '../query/query-client.ts';

const usersSchema = z.array(userSummarySchema);
const keysSchema = z.array(keySummarySchema);
const sessionsSchema = z.array(sessionSummarySchema);

export function createAccessQueries(client: QueryClient): Access {
  const ask = createAsk(client);
  return {
    state: () => ask(Subject.accessState, accessStateSchema),
    identify: (request) => ask(Subject.accessIdentify, identifyReplySchema, request),
    login: (request) => ask(Subject.accessLogin, grantReplySchema, request),
    refresh: (request) => ask(Subject.accessRefresh, grantReplySchema, request),
    logout: (request) => ask(Subject.accessLogout, logoutReplySchema, request),
    own: (request) => ask(Subject.accessOwn, ownReplySchema, request),
    manage: (request) => ask(Subject.accessManage, manageReplySchema, request),
    users: () => ask(Subject.accessUsers, usersSchema),
    keys: () => ask(Subject.accessKeys, keysSchema),
    sessions: (request) => ask(Subject.accessSessions, sessionsSchema, request),
  };
}
