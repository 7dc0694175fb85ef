import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { Logger, MiningStatus } from '@otedama/contracts';
import type { FastifyRequest } from 'fastify';

import type { AccessPolicy } from '../http/access.ts';
import type { ApiGatewayDeps } from '../options.ts';
import type { PoolQueries } from '../query/pool-queries.ts';
import { ACCESS_POLICY, API_DEPS, POOL_QUERIES } from '../tokens.ts';

@Controller('api/mining')
export class MiningController {
  readonly #queries: PoolQueries;
  readonly #authorize: AccessPolicy;
  readonly #logger: Logger;

  constructor(
    @Inject(POOL_QUERIES) queries: PoolQueries,
    @Inject(ACCESS_POLICY) authorize: AccessPolicy,
    @Inject(API_DEPS) deps: ApiGatewayDeps,
  ) {
    this.#queries = queries;
    this.#authorize = authorize;
    this.#logger = deps.logger;
  }

  @Post('start')
  @HttpCode(200)
  async start(@Req() request: FastifyRequest): Promise<MiningStatus> {
    this.#authorize(request.headers);
    const status = await this.#queries.startMining();
    this.#logger.info({ address: request.ip, state: status.state }, 'mining started through the api');
    return status;
  }

  @Post('stop')
  @HttpCode(200)
  async stop(@Req() request: FastifyRequest): Promise<MiningStatus> {
    this.#authorize(request.headers);
    const status = await this.#queries.stopMining();
    this.#logger.info({ address: request.ip, state: status.state }, 'mining stopped through the api');
    return status;
  }
}
