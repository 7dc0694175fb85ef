/** What operators ask and decide about payouts, over the Nest transport. */
import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  payoutBatchesRequestSchema,
  type PayoutBatchSummary,
  type PayoutDecisionReply,
  payoutDecisionSchema,
  payoutPlanRequestSchema,
  type PayoutPlanSummary,
  Subject,
} from '@otedama/contracts';
import { PAYOUT_DESK } from '../tokens.ts';
import type { PayoutDesk } from './desk.ts';

@Controller()
export class PayoutDeskController {
  readonly #desk: PayoutDesk;

  constructor(@Inject(PAYOUT_DESK) desk: PayoutDesk) {
    this.#desk = desk;
  }

  @MessagePattern(Subject.payoutBatches)
  batches(@Payload() request: unknown): Promise<PayoutBatchSummary[]> {
    return this.#desk.batches(payoutBatchesRequestSchema.parse(request));
  }

  @MessagePattern(Subject.payoutPlan)
  plan(@Payload() request: unknown): Promise<PayoutPlanSummary[]> {
    return this.#desk.plan(payoutPlanRequestSchema.parse(request));
  }

  @MessagePattern(Subject.payoutDecide)
  decide(@Payload() request: unknown): Promise<PayoutDecisionReply> {
    return this.#desk.decide(payoutDecisionSchema.parse(request));
  }
}
