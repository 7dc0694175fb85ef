import { Controller, Get, Inject, Query } from '@nestjs/common';
import type { WorkerSummary } from '@otedama/contracts';

import type { Answer, AnswerCache, AnswerLife } from '../answers/answer-cache.ts';
import {
  type Page,
  durationMs,
  fetchPage,
  parseParams,
  statsParamsSchema,
  workersParamsSchema,
} from '../http/query-params.ts';
import type { PoolQueries } from '../query/pool-queries.ts';
import { ANSWERS, POOL_QUERIES } from '../tokens.ts';

/** Points are minutes: a few seconds are not seen. */
const STATS_LIFE: AnswerLife = { freshMs: 2_000, staleMs: 30_000 };

@Controller('api')
export class StatsController {
  readonly #queries: PoolQueries;
  readonly #answers: AnswerCache;

  constructor(@Inject(POOL_QUERIES) queries: PoolQueries, @Inject(ANSWERS) answers: AnswerCache) {
    this.#queries = queries;
    this.#answers = answers;
  }

  @Get('stats')
  stats(@Query() query: unknown): Answer | Promise<Answer> {
    const windowMs = durationMs(parseParams(statsParamsSchema, query).window);
    return this.#answers.get(`stats ${windowMs}`, STATS_LIFE, () => this.#queries.stats({ windowMs }));
  }

  @Get('workers')
  workers(@Query() query: unknown): Promise<Page<WorkerSummary>> {
    const params = parseParams(workersParamsSchema, query);
    return fetchPage(params, (range) =>
      this.#queries.workers({ poolId: params.pool, address: params.address, ...range }),
    );
  }
}
