/** What miners may say about their payouts, over the Nest transport. */
import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { type PayoutWishReply, payoutWishSchema, Subject } from '@otedama/contracts';
import { PAYOUT_WISHES } from '../tokens.ts';
import type { PayoutWishes } from './wishes.ts';

@Controller()
export class PayoutsController {
  readonly #wishes: PayoutWishes;

  constructor(@Inject(PAYOUT_WISHES) wishes: PayoutWishes) {
    this.#wishes = wishes;
  }

  @MessagePattern(Subject.accountingPayoutWish)
  payoutWish(@Payload() request: unknown): Promise<PayoutWishReply> {
    return this.#wishes.payoutWish(payoutWishSchema.parse(request));
  }
}
