import { Controller, Get, Inject, Query } from '@nestjs/common';
import type { Payment } from '@otedama/contracts';

import { type PageByKey, parseParams, paymentsParamsSchema } from '../http/query-params.ts';
import type { PoolQueries } from '../query/pool-queries.ts';
import { POOL_QUERIES } from '../tokens.ts';

@Controller('api/v1/payments')
export class PaymentsController {
  readonly #queries: PoolQueries;

  constructor(@Inject(POOL_QUERIES) queries: PoolQueries) {
    this.#queries = queries;
  }

  @Get()
  async list(@Query() query: object): Promise<PageByKey<Payment>> {
    const { pool, address, after, limit } = parseParams(paymentsParamsSchema, query);
    const found = await this.#queries.payments({ poolId: pool, address, after, limit: limit + 1 });
    const items = found.slice(0, limit);
    const last = found.length > limit ? items.at(-1) : undefined;
    return { items, limit, ...(last === undefined ? {} : { next: last.cursor }) };
  }
}
