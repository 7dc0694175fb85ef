/** Explanations over the Nest transport. */
import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  type LoggedShare,
  type ReceiptSummary,
  receiptsRequestSchema,
  type Settlement,
  settlementRequestSchema,
  type ShareProofReply,
  shareProofRequestSchema,
  sharesRequestSchema,
  type Statement,
  statementRequestSchema,
  Subject,
} from '@otedama/contracts';
import { ACCOUNTING } from '../tokens.ts';
import type { ExplainQueries } from './queries.ts';

@Controller()
export class ExplainController {
  readonly #queries: ExplainQueries;

  constructor(@Inject(ACCOUNTING) queries: ExplainQueries) {
    this.#queries = queries;
  }

  @MessagePattern(Subject.accountingSettlement)
  settlement(@Payload() request: unknown): Promise<Settlement[]> {
    return this.#queries.settlement(settlementRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accountingStatement)
  statement(@Payload() request: unknown): Promise<Statement> {
    return this.#queries.statement(statementRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accountingReceipts)
  receipts(@Payload() request: unknown): Promise<ReceiptSummary[]> {
    return this.#queries.receipts(receiptsRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accountingShares)
  shares(@Payload() request: unknown): Promise<LoggedShare[]> {
    return this.#queries.shares(sharesRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accountingShareProof)
  shareProof(@Payload() request: unknown): Promise<ShareProofReply> {
    return this.#queries.shareProof(shareProofRequestSchema.parse(request));
  }
}
