import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { Logger, MiningStatus } from '@otedama/contracts';
import type { FastifyRequest } from 'fastify';

import { type Identity, Requires, Who } from '../http/identity.ts';
import type { ApiGatewayDeps } from '../options.ts';
import type { PoolQueries } from '../query/pool-queries.ts';
import { API_DEPS, POOL_QUERIES } from '../tokens.ts';

@Controller('api/mining')
export class MiningController {
  readonly #queries: PoolQueries;
  readonly #logger: Logger;

  constructor(@Inject(POOL_QUERIES) queries: PoolQueries, @Inject(API_DEPS) deps: ApiGatewayDeps) {
    this.#queries = queries;
    this.#logger = deps.logger;
  }

  @Post('start')
  @HttpCode(200)
  @Requires('operator')
  async start(@Req() request: FastifyRequest, @Who() { name }: Identity): Promise<MiningStatus> {
    const status = await this.#queries.startMining();
    this.#logger.info(
      { who: name, address: request.ip, state: status.state },
      'mining started through the api',
    );
    return status;
  }

  @Post('stop')
  @HttpCode(200)
  @Requires('operator')
  async stop(@Req() request: FastifyRequest, @Who() { name }: Identity): Promise<MiningStatus> {
    const status = await this.#queries.stopMining();
    this.#logger.info(
      { who: name, address: request.ip, state: status.state },
      'mining stopped through the api',
    );
    return status;
  }
}
