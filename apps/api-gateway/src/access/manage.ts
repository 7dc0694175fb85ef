/** A change by an admin: accounting makes it and writes it down in one transaction. */
import type { Access, ManageAction, ManageReply } from '@otedama/contracts';
import type { FastifyRequest } from 'fastify';

import type { Identity } from '../http/identity.ts';
import type { Identities } from './identities.ts';
import { granted } from './refusals.ts';

export type Made = Extract<ManageReply, { ok: true }>;
export type Manage = (request: FastifyRequest, who: Identity, action: ManageAction) => Promise<Made>;

export const createManage =
  (queries: Pick<Access, 'manage'>, identities: Pick<Identities, 'forget'>): Manage =>
  async (request, { kind, id, name }, action) => {
    const by = { actor: { kind, id, name }, address: request.ip };
    const made = granted<ManageReply>(await queries.manage({ by, action }));
    // At this gateway it counts at once, at others in two seconds.
    identities.forget();
    return made;
  };
