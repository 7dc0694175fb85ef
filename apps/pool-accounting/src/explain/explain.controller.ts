/** Explanations over the Nest transport. */
import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { type Settlement, settlementRequestSchema, Subject } from '@otedama/contracts';
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
}
