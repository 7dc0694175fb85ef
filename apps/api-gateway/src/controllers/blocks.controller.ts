import { Controller, Get, Inject, Query } from '@nestjs/common';
import type { BlockSummary } from '@otedama/contracts';

import { type Page, blocksParamsSchema, fetchPage, parseParams } from '../http/query-params.ts';
import type { PoolQueries } from '../query/pool-queries.ts';
import { POOL_QUERIES } from '../tokens.ts';

@Controller('api/v1/blocks')
export class BlocksController {
  readonly #queries: PoolQueries;

  constructor(@Inject(POOL_QUERIES) queries: PoolQueries) {
    this.#queries = queries;
  }

  @Get()
  list(@Query() query: unknown): Promise<Page<BlockSummary>> {
    const params = parseParams(blocksParamsSchema, query);
    return fetchPage(params, (range) => this.#queries.blocks({ poolId: params.pool, ...range }));
  }
}
