import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import {
  type Hashrate,
  type MinerSummary,
  type PayoutWishReply,
  type WorkerSummary,
  signedWishSchema,
} from '@otedama/contracts';

import type { Answer, AnswerCache, AnswerLife } from '../answers/answer-cache.ts';
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
import { ANSWERS, POOL_QUERIES } from '../tokens.ts';

/** Hash rates are of ten minutes: seconds are not seen. */
const MINER_LIFE: AnswerLife = { freshMs: 5_000, staleMs: 60_000 };

@Controller('api/v1/miners')
export class MinersController {
  readonly #queries: PoolQueries;
  readonly #answers: AnswerCache;

  constructor(@Inject(POOL_QUERIES) queries: PoolQueries, @Inject(ANSWERS) answers: AnswerCache) {
    this.#queries = queries;
    this.#answers = answers;
  }

  @Get()
  list(@Query() query: object): Promise<Page<MinerSummary>> {
    const { pool, sort, ...page } = parseParams(minersParamsSchema, query);
    return fetchPage(page, (range) => this.#queries.miners({ poolId: pool, sort, ...range }));
  }

  @Get(':address')
  one(@Param() path: object, @Query() query: object): Answer | Promise<Answer> {
    const { address } = parseBoth(minerParamsSchema, path, query);
    return this.#answers.get(`v1-miner ${address}`, MINER_LIFE, async () => {
      const [miner] = await this.#queries.miner({ address });
      if (miner !== undefined) return miner;
      throw new ProblemError('not-found', { detail: 'No pool knows this address.' });
    });
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
