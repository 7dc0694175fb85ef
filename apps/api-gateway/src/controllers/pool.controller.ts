import { Controller, Get, Inject, Query } from '@nestjs/common';
import type {
  BalanceSummary,
  BlockSummary,
  PoolSummary,
  Stats,
  ValidatorStatus,
  WorkerSummary,
} from '@otedama/contracts';

import {
  type Page,
  balancesParamsSchema,
  blocksParamsSchema,
  fetchPage,
  parseParams,
  statsParamsSchema,
  windowMsOf,
  workersParamsSchema,
} from '../http/query-params.ts';
import type { PoolQueries } from '../query/pool-queries.ts';
import { withChainState } from '../status/collect-status.ts';
import { POOL_QUERIES } from '../tokens.ts';

const noChainState = (): ValidatorStatus | undefined => undefined;

@Controller('api')
export class PoolController {
  readonly #queries: PoolQueries;

  constructor(@Inject(POOL_QUERIES) queries: PoolQueries) {
    this.#queries = queries;
  }

  @Get('pools')
  async pools(): Promise<PoolSummary[]> {
    // The ledger's answer stands without the chain's height.
    const [pools, validator] = await Promise.all([
      this.#queries.pools(),
      this.#queries.validator().catch(noChainState),
    ]);
    return withChainState(pools, validator);
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

  @Get('blocks')
  blocks(@Query() query: unknown): Promise<Page<BlockSummary>> {
    const params = parseParams(blocksParamsSchema, query);
    return fetchPage(params, (range) => this.#queries.blocks({ poolId: params.pool, ...range }));
  }

  @Get('balances')
  balances(@Query() query: unknown): Promise<Page<BalanceSummary>> {
    const params = parseParams(balancesParamsSchema, query);
    return fetchPage(params, (range) =>
      this.#queries.balances({ poolId: params.pool, address: params.address, ...range }),
    );
  }
}
