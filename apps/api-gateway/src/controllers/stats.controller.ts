import { Controller, Get, Inject, Query } from '@nestjs/common';
import type { Stats, WorkerSummary } from '@otedama/contracts';

import {
  type Page,
  fetchPage,
  parseParams,
  statsParamsSchema,
  windowMsOf,
  workersParamsSchema,
} from '../http/query-params.ts';
import type { PoolQueries } from '../query/pool-queries.ts';
import { POOL_QUERIES } from '../tokens.ts';

@Controller('api')
export class StatsController {
  readonly #queries: PoolQueries;

  constructor(@Inject(POOL_QUERIES) queries: PoolQueries) {
    this.#queries = queries;
  }

  @Get('stats')
  stats(@Query() query: unknown): Promise<Stats> {
    return this.#queries.stats({ windowMs: windowMsOf(parseParams(statsParamsSchema, query)) });
  }

  @Get('workers')
  workers(@Query() query: unknown): Promise<Page<WorkerSummary>> {
    const params = parseParams(workersParamsSchema, query);
    return fetchPage(params, (range) =>
      this.#queries.workers({ poolId: params.pool, address: params.address, ...range }),
    );
  }
}
