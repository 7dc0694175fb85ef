/** Keys of programs, as admins look after them. */
import { Body, Controller, Delete, Get, Inject, Param, Post, Req } from '@nestjs/common';
import type { Access, KeySummary } from '@otedama/contracts';
import type { FastifyRequest } from 'fastify';

import type { Made, Manage } from '../access/manage.ts';
import { expiryOf, keyParamsSchema, newKeySchema } from '../access/schemas.ts';
import { type Identity, Requires, Who } from '../http/identity.ts';
import { parseParams } from '../http/query-params.ts';
import type { ApiGatewayDeps } from '../options.ts';
import { ACCESS_QUERIES, API_DEPS, MANAGE } from '../tokens.ts';

@Controller('api/v1/keys')
export class KeysController {
  readonly #queries: Access;
  readonly #manage: Manage;
  readonly #clock: ApiGatewayDeps['clock'];

  constructor(
    @Inject(ACCESS_QUERIES) queries: Access,
    @Inject(MANAGE) manage: Manage,
    @Inject(API_DEPS) { clock }: ApiGatewayDeps,
  ) {
    this.#queries = queries;
    this.#manage = manage;
    this.#clock = clock;
  }

  @Get()
  @Requires('admin')
  list(): Promise<KeySummary[]> {
    return this.#queries.keys();
  }

  @Post()
  @Requires('admin')
  add(@Req() request: FastifyRequest, @Who() who: Identity, @Body() body: unknown): Promise<Made> {
    const { name, role, expiresInDays } = parseParams(newKeySchema, body);
    const expiry = expiryOf(expiresInDays, this.#clock());
    return this.#manage(request, who, { kind: 'add-key', name, role, ...expiry });
  }

  @Delete(':id')
  @Requires('admin')
  revoke(@Req() request: FastifyRequest, @Who() who: Identity, @Param() path: object): Promise<Made> {
    return this.#manage(request, who, { kind: 'revoke-key', ...parseParams(keyParamsSchema, path) });
  }
}
