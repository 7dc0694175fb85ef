import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { MiningStatus } from '@otedama/contracts';
import type { FastifyRequest } from 'fastify';

import type { Audited } from '../http/audited.ts';
import { Requires } from '../http/identity.ts';
import type { PoolQueries } from '../query/pool-queries.ts';
import { AUDITED, POOL_QUERIES } from '../tokens.ts';

@Controller('api/mining')
export class MiningController {
  readonly #queries: PoolQueries;
  readonly #audited: Audited;

  constructor(@Inject(POOL_QUERIES) queries: PoolQueries, @Inject(AUDITED) audited: Audited) {
    this.#queries = queries;
    this.#audited = audited;
  }

  @Post('start')
  @HttpCode(200)
  @Requires('operator')
  start(@Req() request: FastifyRequest): Promise<MiningStatus> {
    return this.#audited(request, { action: 'mining.start' }, () => this.#queries.startMining());
  }

  @Post('stop')
  @HttpCode(200)
  @Requires('operator')
  stop(@Req() request: FastifyRequest): Promise<MiningStatus> {
    return this.#audited(request, { action: 'mining.stop' }, () => this.#queries.stopMining());
  }
}
