/** What others may ask over the Nest transport: for its status each validator of a fleet. Shares do not come this way. */
import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { GATHERED } from '@otedama/bus';
import {
  CHAIN_STANDING,
  type ChainStanding,
  chainStandingRequestSchema,
  Subject,
  type ValidatorStatus,
} from '@otedama/contracts';
import type { ShareValidator } from './share-validator.ts';
import { SHARE_VALIDATOR } from './tokens.ts';

@Controller()
export class ValidatorController {
  readonly #validator: ShareValidator;

  constructor(@Inject(SHARE_VALIDATOR) validator: ShareValidator) {
    this.#validator = validator;
  }

  @MessagePattern(Subject.validatorStatus, GATHERED)
  status(): ValidatorStatus {
    return this.#validator.status();
  }

  @MessagePattern(CHAIN_STANDING)
  async chainStanding(@Payload() request: unknown): Promise<ChainStanding> {
    const { poolId, coin, hash, height } = chainStandingRequestSchema.parse(request);
    const view = this.#validator.chainView(poolId, coin);
    return view === undefined ? { kind: 'unknown' } : view.blockConfirmations(hash, height);
  }
}
