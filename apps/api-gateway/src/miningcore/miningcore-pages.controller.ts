/** The second form of Miningcore's lists: with the number of entries and pages. */
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';

import type { Answer } from '../answers/answer-cache.ts';
import { KEPT_SOURCE } from '../tokens.ts';
import type { KeptSource } from './kept-source.ts';
import {
  type PageParams,
  blocksParams,
  minerBlocksParams,
  minerPageParams,
  paymentsParams,
  readParams,
} from './params.ts';
import type { MiningcoreSource, Paged } from './source.ts';

type Reply = Answer | Promise<Answer>;

@Controller('api/v2/pools/:poolId')
export class MiningcorePagesController {
  readonly #source: KeptSource;

  constructor(@Inject(KEPT_SOURCE) source: KeptSource) {
    this.#source = source;
  }

  @Get('blocks')
  blocks(@Param() path: object, @Query() query: object): Reply {
    const params = readParams(blocksParams, query, path);
    return this.#paged('pool-blocks', params, (source) =>
      source.blocks({ poolId: params.poolId }, params, params.state),
    );
  }

  @Get('payments')
  payments(@Param() path: object, @Query() query: object): Reply {
    const params = readParams(paymentsParams, query, path);
    return this.#paged('payments', params, (source) => source.payments(params.poolId, undefined, params));
  }

  @Get('miners/:address/blocks')
  minerBlocks(@Param() path: object, @Query() query: object): Reply {
    const params = readParams(minerBlocksParams, query, path);
    return this.#paged('miner-blocks', params, (source) => source.blocks(params, params, params.state));
  }

  @Get('miners/:address/payments')
  minerPayments(@Param() path: object, @Query() query: object): Reply {
    const params = readParams(minerPageParams, query, path);
    return this.#paged('miner-payments', params, (source) =>
      source.payments(params.poolId, params.address, params),
    );
  }

  @Get('miners/:address/balancechanges')
  balanceChanges(@Param() path: object, @Query() query: object): Reply {
    const params = readParams(minerPageParams, query, path);
    return this.#paged('balance-changes', params, (source) =>
      source.balanceChanges(params.poolId, params.address, params),
    );
  }

  @Get('miners/:address/earnings/daily')
  dayEarnings(@Param() path: object, @Query() query: object): Reply {
    const params = readParams(minerPageParams, query, path);
    return this.#paged('day-earnings', params, (source) =>
      source.dayEarnings(params.poolId, params.address, params),
    );
  }

  #paged(
    name: string,
    params: PageParams,
    load: (source: MiningcoreSource) => Promise<Paged<unknown>>,
  ): Reply {
    return this.#source.get(`paged-${name}`, params, async (source) => {
      const { items, total } = await load(source);
      // Miningcore counts the full ones.
      const pageCount = Math.floor(total / params.pageSize);
      return { pageCount, itemCount: total, result: items, success: true };
    });
  }
}
