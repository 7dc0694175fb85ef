/** Users, as admins look after them. */
import { Body, Controller, Get, HttpCode, Inject, Param, Patch, Post, Req } from '@nestjs/common';
import type { Access, UserSummary } from '@otedama/contracts';
import type { FastifyRequest } from 'fastify';

import type { Manage, Made } from '../access/manage.ts';
import { newUserSchema, userChangeSchema, userNameParamsSchema, userResetSchema } from '../access/schemas.ts';
import { type Identity, Requires, Who } from '../http/identity.ts';
import { parseParams } from '../http/query-params.ts';
import { ACCESS_QUERIES, MANAGE } from '../tokens.ts';

@Controller('api/v1/users')
export class UsersController {
  readonly #queries: Access;
  readonly #manage: Manage;

  constructor(@Inject(ACCESS_QUERIES) queries: Access, @Inject(MANAGE) manage: Manage) {
    this.#queries = queries;
    this.#manage = manage;
  }

  @Get()
  @Requires('admin')
  list(): Promise<UserSummary[]> {
    return this.#queries.users();
  }

  @Post()
  @Requires('admin')
  add(@Req() request: FastifyRequest, @Who() who: Identity, @Body() body: unknown): Promise<Made> {
    return this.#manage(request, who, { kind: 'add-user', ...parseParams(newUserSchema, body) });
  }

  @Patch(':name')
  @Requires('admin')
  change(
    @Req() request: FastifyRequest,
    @Who() who: Identity,
    @Param() path: object,
    @Body() body: unknown,
  ): Promise<Made> {
    const { name } = parseParams(userNameParamsSchema, path);
    return this.#manage(request, who, { kind: 'change-user', name, ...parseParams(userChangeSchema, body) });
  }

  @Post(':name/reset')
  @HttpCode(200)
  @Requires('admin')
  reset(
    @Req() request: FastifyRequest,
    @Who() who: Identity,
    @Param() path: object,
    @Body() body: unknown,
  ): Promise<Made> {
    const { name } = parseParams(userNameParamsSchema, path);
    return this.#manage(request, who, { kind: 'reset-user', name, ...parseParams(userResetSchema, body) });
  }

  @Post(':name/end-sessions')
  @HttpCode(200)
  @Requires('admin')
  endSessions(@Req() request: FastifyRequest, @Who() who: Identity, @Param() path: object): Promise<Made> {
    const { name } = parseParams(userNameParamsSchema, path);
    return this.#manage(request, who, { kind: 'end-sessions', name });
  }
}
