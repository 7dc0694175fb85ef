import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import type { BlockSummary } from '@otedama/contracts';

import { ProblemError } from '../http/problem.ts';
import {
  type Page,
  blockParamsSchema,
  blocksParamsSchema,
  fetchPage,
  parseBoth,
  parseParams,
} from '../http/query-params.ts';
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
    const { pool, coin, state, finder, ...page } = parseParams(blocksParamsSchema, query);
    return fetchPage(page, (range) => this.#queries.blocks({ poolId: pool, coin, state, finder, ...range }));
  }

  @Get(':coin/:hash')
  async one(@Param() path: object, @Query() query: object): Promise<BlockSummary> {
    const { coin, hash } = parseBoth(blockParamsSchema, path, query);
    const [block] = await this.#queries.blocks({ coin, hash, limit: 1, offset: 0 });
    if (block === undefined) throw new ProblemError('not-found', { detail: 'No such block was booked.' });
    return block;
  }
}
