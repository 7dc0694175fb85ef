/** Payouts for operators. What is decided is in the audit log in the transaction that decides it. */
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import {
  type PayoutBatchSummary,
  type PayoutDecision,
  type PayoutPlanSummary,
  cancelReasonSchema,
  decisionReasonSchema,
} from '@otedama/contracts';
import type { FastifyRequest } from 'fastify';

import { type Identity, Requires, Who } from '../http/identity.ts';
import { ProblemError } from '../http/problem.ts';
import {
  type Page,
  fetchPage,
  parseParams,
  payoutParamsSchema,
  payoutPlanParamsSchema,
  payoutsParamsSchema,
} from '../http/query-params.ts';
import type { OperatorQueries } from '../query/operator-queries.ts';
import { OPERATOR_QUERIES } from '../tokens.ts';

@Controller('api/v1/payouts')
export class PayoutsController {
  readonly #queries: OperatorQueries;

  constructor(@Inject(OPERATOR_QUERIES) queries: OperatorQueries) {
    this.#queries = queries;
  }

  @Get()
  @Requires('viewer')
  list(@Query() query: unknown): Promise<Page<PayoutBatchSummary>> {
    const { pool, open, ...page } = parseParams(payoutsParamsSchema, query);
    return fetchPage(page, (range) =>
      this.#queries.payouts({ poolId: pool, isOpen: open === 'true', ...range }),
    );
  }

  @Get('plan')
  @Requires('operator')
  plan(@Query() query: unknown): Promise<PayoutPlanSummary[]> {
    return this.#queries.payoutPlan({ poolId: parseParams(payoutPlanParamsSchema, query).pool });
  }

  @Post(':id/approve')
  @HttpCode(200)
  @Requires('admin')
  approve(
    @Param() path: object,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Who() who: Identity,
  ): Promise<PayoutBatchSummary> {
    const { reason } = parseParams(decisionReasonSchema, body ?? {});
    return this.#decide('approve', path, { reason, who, address: request.ip });
  }

  @Post(':id/retry')
  @HttpCode(200)
  @Requires('operator')
  retry(
    @Param() path: object,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Who() who: Identity,
  ): Promise<PayoutBatchSummary> {
    const { reason } = parseParams(decisionReasonSchema, body ?? {});
    return this.#decide('retry', path, { reason, who, address: request.ip });
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Requires('admin')
  cancel(
    @Param() path: object,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Who() who: Identity,
  ): Promise<PayoutBatchSummary> {
    const { reason } = parseParams(cancelReasonSchema, body ?? {});
    return this.#decide('cancel', path, { reason, who, address: request.ip });
  }

  async #decide(
    decision: PayoutDecision,
    path: object,
    { reason, who, address }: { reason: string; who: Identity; address: string },
  ): Promise<PayoutBatchSummary> {
    const { id } = parseParams(payoutParamsSchema, path);
    const { kind, id: whoId, name } = who;
    const actor = { kind, id: whoId, name };
    const reply = await this.#queries.decidePayout({ id, decision, reason, actor, address });
    if (reply.ok) return reply.batch;
    throw new ProblemError(reply.code, { detail: reply.reason });
  }
}
