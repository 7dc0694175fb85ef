/** Where money comes from, and how it was divided. */
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import type {
  LoggedShare,
  ReceiptSummary,
  Settlement,
  ShareProofSummary,
  Statement,
} from '@otedama/contracts';

import {
  type Page,
  fetchPage,
  parseParams,
  receiptsParamsSchema,
  settlementParamsSchema,
  shareProofParamsSchema,
  sharesParamsSchema,
  statementParamsSchema,
} from '../http/query-params.ts';
import { ProblemError } from '../http/problem.ts';
import type { PoolQueries } from '../query/pool-queries.ts';
import { POOL_QUERIES } from '../tokens.ts';

const REFUSALS = {
  'no-such-share': 'The log has no such share, or has it no more.',
  'no-receipt': 'The interval of this share is not closed yet, or its receipt is kept no more.',
  contradiction: 'The log holds something else than what the receipt was made of.',
} as const;

@Controller('api/v1')
export class ExplainController {
  readonly #queries: PoolQueries;

  constructor(@Inject(POOL_QUERIES) queries: PoolQueries) {
    this.#queries = queries;
  }

  @Get('blocks/:coin/:hash/settlement')
  async settlement(@Param() path: object, @Query() query: object): Promise<Settlement> {
    const [sheet] = await this.#queries.settlement(
      parseParams(settlementParamsSchema, { ...query, ...path }),
    );
    if (sheet === undefined) throw new ProblemError('not-found', { detail: 'No such block was booked.' });
    return sheet;
  }

  @Get('miners/:address/statement')
  statement(@Param() path: object, @Query() query: object): Promise<Statement> {
    return this.#queries.statement(parseParams(statementParamsSchema, { ...query, ...path }));
  }

  @Get('pools/:pool/receipts')
  receipts(@Param() path: object, @Query() query: object): Promise<Page<ReceiptSummary>> {
    const { pool, ...page } = parseParams(receiptsParamsSchema, { ...query, ...path });
    return fetchPage(page, (range) => this.#queries.receipts({ poolId: pool, ...range }));
  }

  @Get('pools/:pool/shares')
  shares(@Param() path: object, @Query() query: object): Promise<LoggedShare[]> {
    const { pool, at, hash, ...search } = parseParams(sharesParamsSchema, { ...query, ...path });
    return this.#queries.shares({ poolId: pool, atMs: at, powHash: hash, ...search });
  }

  @Get('pools/:pool/shares/:sequence/:index/receipt')
  async shareProof(@Param() path: object, @Query() query: object): Promise<ShareProofSummary> {
    const { pool, ...place } = parseParams(shareProofParamsSchema, { ...query, ...path });
    const reply = await this.#queries.shareProof({ poolId: pool, ...place });
    if (reply.ok) return reply.proof;
    throw new ProblemError('not-found', { detail: REFUSALS[reply.reason] });
  }
}
