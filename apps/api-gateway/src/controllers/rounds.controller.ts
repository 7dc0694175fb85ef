import { Controller, Get, Inject, Query } from '@nestjs/common';
import type { Round } from '@otedama/contracts';

import { type Page, fetchPage, parseParams, roundsParamsSchema } from '../http/query-params.ts';
import type { PoolQueries } from '../query/pool-queries.ts';
import { POOL_QUERIES } from '../tokens.ts';

@Controller('api/v1/rounds')
export class RoundsController {
  readonly #queries: PoolQueries;

  constructor(@Inject(POOL_QUERIES) queries: PoolQueries) {
    this.#queries = queries;
  }

  @Get()
  list(@Query() query: object): Promise<Page<Round>> {
    const { pool, coin, ...page } = parseParams(roundsParamsSchema, query);
    return fetchPage(page, (range) => this.#queries.rounds({ poolId: pool, coin, ...range }));
  }
}
