import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import {
  type Hashrate,
  type Miner,
  type MinerSummary,
  type PayoutWishReply,
  type WorkerSummary,
  signedWishSchema,
} from '@otedama/contracts';

import { ProblemError } from '../http/problem.ts';
import {
  type Page,
  durationMs,
  fetchPage,
  minerHashrateParamsSchema,
  minerParamsSchema,
  minerWorkersParamsSchema,
  minersParamsSchema,
  parseBoth,
  parseParams,
} from '../http/query-params.ts';
import type { PoolQueries } from '../query/pool-queries.ts';
import { POOL_QUERIES } from '../tokens.ts';

@Controller('api/v1/miners')
export class MinersController {
  readonly #queries: PoolQueries;

  constructor(@Inject(POOL_QUERIES) queries: PoolQueries) {
    this.#queries = queries;
  }

  @Get()
  list(@Query() query: object): Promise<Page<MinerSummary>> {
    const { pool, sort, ...page } = parseParams(minersParamsSchema, query);
    return fetchPage(page, (range) => this.#queries.miners({ poolId: pool, sort, ...range }));
  }

  @Get(':address')
  async one(@Param() path: object, @Query() query: object): Promise<Miner> {
    const { address } = parseBoth(minerParamsSchema, path, query);
    const [miner] = await this.#queries.miner({ address });
    if (miner === undefined) throw new ProblemError('not-found', { detail: 'No pool knows this address.' });
    return miner;
  }

  @Get(':address/workers')
  workers(@Param() path: object, @Query() query: object): Promise<Page<WorkerSummary>> {
    const { address, pool, ...page } = parseBoth(minerWorkersParamsSchema, path, query);
    return fetchPage(page, (range) => this.#queries.workers({ poolId: pool, address, ...range }));
  }

  @Get(':address/hashrate')
  hashrate(@Param() path: object, @Query() query: object): Promise<Hashrate> {
    const { address, pool, worker, window, step } = parseBoth(minerHashrateParamsSchema, path, query);
    return this.#queries.hashrate({
      poolId: pool,
      address,
      worker,
      windowMs: durationMs(window),
      ...(step === undefined ? {} : { stepMs: durationMs(step) }),
    });
  }

  /** What a miner may change of its own: by a message that is signed with the key of its address, not by an API key. */
  @Post(':address/payout-settings')
  @HttpCode(200)
  async settings(
    @Param() path: object,
    @Query() query: object,
    @Body() body: unknown,
  ): Promise<Extract<PayoutWishReply, { ok: true }>> {
    const { address } = parseBoth(minerParamsSchema, path, query);
    const { message, signature } = parseParams(signedWishSchema, body);
    const reply = await this.#queries.payoutWish({ kind: 'signed', address, message, signature });
    if (!reply.ok) throw new ProblemError('conflict', { detail: reply.reason });
    return reply;
  }
}
