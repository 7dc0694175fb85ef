/** Sessions: a user sees its own, an admin sees and ends those of all. */
import { Controller, Delete, Get, Inject, Param, Req } from '@nestjs/common';
import { type Access, type SessionSummary, covers } from '@otedama/contracts';
import type { FastifyRequest } from 'fastify';

import type { Made, Manage } from '../access/manage.ts';
import { sessionParamsSchema } from '../access/schemas.ts';
import { type Identity, Requires, Who } from '../http/identity.ts';
import { parseParams } from '../http/query-params.ts';
import { ACCESS_QUERIES, MANAGE } from '../tokens.ts';

@Controller('api/v1/sessions')
export class SessionsController {
  readonly #queries: Access;
  readonly #manage: Manage;

  constructor(@Inject(ACCESS_QUERIES) queries: Access, @Inject(MANAGE) manage: Manage) {
    this.#queries = queries;
    this.#manage = manage;
  }

  @Get()
  @Requires('viewer')
  async list(@Who() { kind, id, role }: Identity): Promise<SessionSummary[]> {
    if (covers(role, 'admin')) return this.#queries.sessions({});
    // Keys have no sessions.
    return kind === 'user' ? this.#queries.sessions({ userId: id }) : [];
  }

  @Delete(':id')
  @Requires('admin')
  end(@Req() request: FastifyRequest, @Who() who: Identity, @Param() path: object): Promise<Made> {
    return this.#manage(request, who, { kind: 'end-session', ...parseParams(sessionParamsSchema, path) });
  }
}
