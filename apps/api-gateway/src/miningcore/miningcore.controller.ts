/** The read endpoints of Miningcore's API, for front ends that were written for it. */
import { Controller, Get, Header, Inject, Param, Query } from '@nestjs/common';

import type { Answer } from '../answers/answer-cache.ts';
import { routesOf } from '../docs/routes.ts';
import { ProblemError } from '../http/problem.ts';
import { KEPT_SOURCE } from '../tokens.ts';
import type { KeptSource } from './kept-source.ts';
import { MiningcorePagesController } from './miningcore-pages.controller.ts';
import {
  blocksParams,
  everyBlockParams,
  everyPoolParams,
  minerBlocksParams,
  minerPageParams,
  minerParams,
  minerPerformanceParams,
  minerStatsParams,
  minersParams,
  paymentsParams,
  performanceParams,
  poolParams,
  readParams,
} from './params.ts';

type Reply = Answer | Promise<Answer>;

@Controller('api')
export class MiningcoreController {
  readonly #source: KeptSource;

  constructor(@Inject(KEPT_SOURCE) source: KeptSource) {
    this.#source = source;
  }

  @Get('pools')
  pools(@Query() query: object): Reply {
    readParams(everyPoolParams, query);
    return this.#source.get('pools', {}, async (source) => ({ pools: await source.pools() }));
  }

  @Get('pools/:poolId')
  pool(@Param() path: object, @Query() query: object): Reply {
    const { poolId } = readParams(poolParams, query, path);
    return this.#source.get('pool', { poolId }, async (source) => ({ pool: await source.pool(poolId) }));
  }

  @Get('pools/:poolId/performance')
  performance(@Param() path: object, @Query() query: object): Reply {
    const params = readParams(performanceParams, query, path);
    const { poolId, r, i } = params;
    return this.#source.get('performance', params, (source) => source.performance(poolId, r, i));
  }

  @Get('pools/:poolId/miners')
  miners(@Param() path: object, @Query() query: object): Reply {
    const { poolId, page, pageSize } = readParams(minersParams, query, path);
    const params = { poolId, page, pageSize };
    return this.#source.get('miners', params, (source) => source.miners(poolId, params));
  }

  @Get('pools/:poolId/blocks')
  poolBlocks(@Param() path: object, @Query() query: object): Reply {
    const params = readParams(blocksParams, query, path);
    return this.#source.get(
      'pool-blocks',
      params,
      async (source) => (await source.blocks({ poolId: params.poolId }, params, params.state)).items,
    );
  }

  @Get('pools/:poolId/payments')
  payments(@Param() path: object, @Query() query: object): Reply {
    const params = readParams(paymentsParams, query, path);
    return this.#source.get(
      'payments',
      params,
      async (source) => (await source.payments(params.poolId, undefined, params)).items,
    );
  }

  @Get('pools/:poolId/miners/:address')
  miner(@Param() path: object, @Query() query: object): Reply {
    const params = readParams(minerStatsParams, query, path);
    const { poolId, address, perfMode } = params;
    return this.#source.get('miner', params, (source) => source.miner(poolId, address, perfMode));
  }

  @Get('pools/:poolId/miners/:address/performance')
  minerPerformance(@Param() path: object, @Query() query: object): Reply {
    const params = readParams(minerPerformanceParams, query, path);
    const { poolId, address, mode } = params;
    return this.#source.get('miner-performance', params, (source) =>
      source.minerPerformance(poolId, address, mode),
    );
  }

  @Get('pools/:poolId/miners/:address/blocks')
  minerBlocks(@Param() path: object, @Query() query: object): Reply {
    const params = readParams(minerBlocksParams, query, path);
    return this.#source.get(
      'miner-blocks',
      params,
      async (source) => (await source.blocks(params, params, params.state)).items,
    );
  }

  @Get('pools/:poolId/miners/:address/payments')
  minerPayments(@Param() path: object, @Query() query: object): Reply {
    const params = readParams(minerPageParams, query, path);
    return this.#source.get(
      'miner-payments',
      params,
      async (source) => (await source.payments(params.poolId, params.address, params)).items,
    );
  }

  @Get('pools/:poolId/miners/:address/balancechanges')
  balanceChanges(@Param() path: object, @Query() query: object): Reply {
    const params = readParams(minerPageParams, query, path);
    return this.#source.get(
      'balance-changes',
      params,
      async (source) => (await source.balanceChanges(params.poolId, params.address, params)).items,
    );
  }

  @Get('pools/:poolId/miners/:address/earnings/daily')
  dayEarnings(@Param() path: object, @Query() query: object): Reply {
    const params = readParams(minerPageParams, query, path);
    return this.#source.get(
      'day-earnings',
      params,
      async (source) => (await source.dayEarnings(params.poolId, params.address, params)).items,
    );
  }

  @Get('pools/:poolId/miners/:address/settings')
  minerSettings(@Param() path: object, @Query() query: object): Reply {
    const params = readParams(minerParams, query, path);
    return this.#source.get('miner-settings', params, async (source) => {
      const settings = await source.minerSettings(params.poolId, params.address);
      if (settings !== undefined) return settings;
      throw new ProblemError('not-found', { detail: 'This miner has set nothing.' });
    });
  }

  @Get('blocks')
  blocks(@Query() query: object): Reply {
    const params = readParams(everyBlockParams, query);
    return this.#source.get(
      'blocks',
      params,
      async (source) => (await source.blocks({}, params, params.state)).items,
    );
  }

  @Get('health-check')
  @Header('content-type', 'text/plain; charset=utf-8')
  healthCheck(): string {
    return '👍';
  }

  @Get('help')
  @Header('content-type', 'text/plain; charset=utf-8')
  help(): string {
    const routes = [MiningcoreController, MiningcorePagesController].flatMap(routesOf);
    const lines = routes.map(({ method, path }) => `${method.toUpperCase().padEnd(5)} -> ${path.slice(1)}\n`);
    return lines.join('').replaceAll('{', '<').replaceAll('}', '>');
  }
}
