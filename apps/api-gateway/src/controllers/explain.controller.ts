/** Where money comes from, and how it was divided. */
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import type {
  Clock,
  LoggedShare,
  ReceiptSummary,
  Settlement,
  ShareProofSummary,
  Statement,
} from '@otedama/contracts';

import {
  type Page,
  fetchPage,
  parseBoth,
  receiptsParamsSchema,
  settlementParamsSchema,
  shareProofParamsSchema,
  sharesParamsSchema,
  statementParamsSchema,
} from '../http/query-params.ts';
import { ProblemError } from '../http/problem.ts';
import type { ApiGatewayDeps } from '../options.ts';
import type { PoolQueries } from '../query/pool-queries.ts';
import { API_DEPS, POOL_QUERIES } from '../tokens.ts';

const REFUSALS = {
  'no-such-share': 'The log has no such share, or has it no more.',
  'no-receipt': 'The interval of this share is not closed yet, or its receipt is kept no more.',
  contradiction: 'The log holds something else than what the receipt was made of.',
} as const;

@Controller('api/v1')
export class ExplainController {
  readonly #queries: PoolQueries;

  readonly #clock: Clock;

  constructor(@Inject(POOL_QUERIES) queries: PoolQueries, @Inject(API_DEPS) { clock }: ApiGatewayDeps) {
    this.#queries = queries;
    this.#clock = clock;
  }

  @Get('blocks/:coin/:hash/settlement')
  async settlement(@Param() path: object, @Query() query: object): Promise<Settlement> {
    const [sheet] = await this.#queries.settlement(parseBoth(settlementParamsSchema, path, query));
    if (sheet === undefined) throw new ProblemError('not-found', { detail: 'No such block was booked.' });
    return sheet;
  }

  @Get('miners/:address/statement')
  statement(@Param() path: object, @Query() query: object): Promise<Statement> {
    return this.#queries.statement(parseBoth(statementParamsSchema, path, query));
  }

  @Get('pools/:pool/receipts')
  receipts(@Param() path: object, @Query() query: object): Promise<Page<ReceiptSummary>> {
    const { pool, ...page } = parseBoth(receiptsParamsSchema, path, query);
    return fetchPage(page, (range) => this.#queries.receipts({ poolId: pool, ...range }));
  }

  @Get('pools/:pool/shares')
  shares(@Param() path: object, @Query() query: object): Promise<LoggedShare[]> {
    const { pool, at, hash, ...search } = parseBoth(sharesParamsSchema, path, query);
    return this.#queries.shares({ poolId: pool, atMs: at ?? this.#clock(), powHash: hash, ...search });
  }

  @Get('pools/:pool/shares/:sequence/:index/receipt')
  async shareProof(@Param() path: object, @Query() query: object): Promise<ShareProofSummary> {
    const { pool, ...place } = parseBoth(shareProofParamsSchema, path, query);
    const reply = await this.#queries.shareProof({ poolId: pool, ...place });
    if (reply.ok) return reply.proof;
    throw new ProblemError('not-found', { detail: REFUSALS[reply.reason] });
  }
}
