import { Controller, Get, Inject } from '@nestjs/common';
import type { PoolSummary, ValidatorStatus } from '@otedama/contracts';

import type { PoolQueries } from '../query/pool-queries.ts';
import { withChainState } from '../status/collect-status.ts';
import { POOL_QUERIES } from '../tokens.ts';

const noChainState = (): ValidatorStatus | undefined => undefined;

@Controller('api/v1/pools')
export class PoolsController {
  readonly #queries: PoolQueries;

  constructor(@Inject(POOL_QUERIES) queries: PoolQueries) {
    this.#queries = queries;
  }

  @Get()
  async list(): Promise<PoolSummary[]> {
    // The ledger's answer stands without the chain's height.
    const [pools, validator] = await Promise.all([
      this.#queries.pools(),
      this.#queries.validator().catch(noChainState),
    ]);
    return withChainState(pools, validator);
  }
}
