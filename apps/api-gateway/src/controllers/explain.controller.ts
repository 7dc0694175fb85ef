/** Where money comes from, and how it was divided. */
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import type { Settlement } from '@otedama/contracts';

import { parseParams, settlementParamsSchema } from '../http/query-params.ts';
import { ProblemError } from '../http/problem.ts';
import type { PoolQueries } from '../query/pool-queries.ts';
import { POOL_QUERIES } from '../tokens.ts';

@Controller('api/v1')
export class ExplainController {
  readonly #queries: PoolQueries;

  constructor(@Inject(POOL_QUERIES) queries: PoolQueries) {
    this.#queries = queries;
  }

  @Get('blocks/:coin/:hash/settlement')
  async settlement(@Param() path: object, @Query() query: object): Promise<Settlement> {
    const [sheet] = await this.#queries.settlement(
      parseParams(settlementParamsSchema, { ...query, ...path }),
    );
    if (sheet === undefined) throw new ProblemError('not-found', { detail: 'No such block was booked.' });
    return sheet;
  }
}
