import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import type {
  GatewayStatus,
  Hashrate,
  PoolDetail,
  PoolSummary,
  Round,
  ValidatorStatus,
} from '@otedama/contracts';

import { ProblemError } from '../http/problem.ts';
import {
  durationMs,
  noParamsSchema,
  parseBoth,
  parseParams,
  poolHashrateParamsSchema,
  poolParamsSchema,
} from '../http/query-params.ts';
import type { PoolQueries } from '../query/pool-queries.ts';
import { withChainState } from '../status/collect-status.ts';
import { POOL_QUERIES } from '../tokens.ts';

// The ledger's answer stands without the chain's height and without the gateways' addresses.
const noChainState = (): ValidatorStatus | undefined => undefined;
const noGateway = (): GatewayStatus | undefined => undefined;

const noPool = (): ProblemError => new ProblemError('not-found', { detail: 'There is no such pool.' });

/** What the round has been worth so far, by what the network asks for now. */
const withChances = (round: Round, validator: ValidatorStatus | undefined): Round => {
  const networkWork = validator?.pools.find(({ poolId }) => poolId === round.poolId)?.networkWork;
  if (networkWork === undefined || BigInt(networkWork) === 0n) return round;
  return { ...round, networkWork, effort: Number(round.work) / Number(networkWork) };
};

@Controller('api/v1/pools')
export class PoolsController {
  readonly #queries: PoolQueries;

  constructor(@Inject(POOL_QUERIES) queries: PoolQueries) {
    this.#queries = queries;
  }

  @Get()
  async list(@Query() query: object): Promise<PoolSummary[]> {
    parseParams(noParamsSchema, query);
    const [pools, validator] = await Promise.all([
      this.#queries.pools(),
      this.#queries.validator().catch(noChainState),
    ]);
    return withChainState(pools, validator);
  }

  @Get(':pool')
  async one(@Param() path: object, @Query() query: object): Promise<PoolDetail> {
    const { pool: id } = parseBoth(poolParamsSchema, path, query);
    const [pools, validator, gateway] = await Promise.all([
      this.#queries.pools(),
      this.#queries.validator().catch(noChainState),
      this.#queries.gateway().catch(noGateway),
    ]);
    const [pool] = withChainState(
      pools.filter((each) => each.id === id),
      validator,
    );
    if (pool === undefined) throw noPool();
    return { ...pool, endpoints: gateway?.listen.filter(({ poolId }) => poolId === id) ?? [] };
  }

  @Get(':pool/hashrate')
  hashrate(@Param() path: object, @Query() query: object): Promise<Hashrate> {
    const { pool, window, step } = parseBoth(poolHashrateParamsSchema, path, query);
    return this.#queries.hashrate({
      poolId: pool,
      windowMs: durationMs(window),
      ...(step === undefined ? {} : { stepMs: durationMs(step) }),
    });
  }

  @Get(':pool/round')
  async round(@Param() path: object, @Query() query: object): Promise<Round> {
    const { pool } = parseBoth(poolParamsSchema, path, query);
    const [[round], validator] = await Promise.all([
      this.#queries.round({ poolId: pool }),
      this.#queries.validator().catch(noChainState),
    ]);
    if (round === undefined) throw noPool();
    return withChances(round, validator);
  }
}
