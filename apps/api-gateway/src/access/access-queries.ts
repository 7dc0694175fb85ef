/** What the API asks accounting about access, typed and checked. */
import {
  type AccessState,
  type GrantReply,
  type IdentifyReply,
  type IdentifyRequest,
  type KeySummary,
  type LoginRequest,
  type LogoutReply,
  type LogoutRequest,
  type ManageReply,
  type ManageRequest,
  type OwnReply,
  type OwnRequest,
  type RefreshRequest,
  type SessionSummary,
  Subject,
  type UserSummary,
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

export interface AccessQueries {
  state(): Promise<AccessState>;
  identify(request: IdentifyRequest): Promise<IdentifyReply>;
  login(request: LoginRequest): Promise<GrantReply>;
  refresh(request: RefreshRequest): Promise<GrantReply>;
  logout(request: LogoutRequest): Promise<LogoutReply>;
  own(request: OwnRequest): Promise<OwnReply>;
  manage(request: ManageRequest): Promise<ManageReply>;
  users(): Promise<UserSummary[]>;
  keys(): Promise<KeySummary[]>;
  sessions(request: { readonly userId?: string | undefined }): Promise<SessionSummary[]>;
}

const usersSchema = z.array(userSummarySchema);
const keysSchema = z.array(keySummarySchema);
const sessionsSchema = z.array(sessionSummarySchema);

export function createAccessQueries(client: QueryClient): AccessQueries {
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
