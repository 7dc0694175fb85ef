import { Controller, Get, Inject, Query } from '@nestjs/common';
import type { BalanceSummary } from '@otedama/contracts';

import { type Page, balancesParamsSchema, fetchPage, parseParams } from '../http/query-params.ts';
import type { PoolQueries } from '../query/pool-queries.ts';
import { POOL_QUERIES } from '../tokens.ts';

@Controller('api/v1/balances')
export class BalancesController {
  readonly #queries: PoolQueries;

  constructor(@Inject(POOL_QUERIES) queries: PoolQueries) {
    this.#queries = queries;
  }

  @Get()
  list(@Query() query: unknown): Promise<Page<BalanceSummary>> {
    const params = parseParams(balancesParamsSchema, query);
    return fetchPage(params, (range) =>
      this.#queries.balances({ poolId: params.pool, address: params.address, ...range }),
    );
  }
}
