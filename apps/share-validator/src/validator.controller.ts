/** What others may ask this service over the Nest transport. Shares do not come this way. */
import { Controller, Inject } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { Subject, type ValidatorStatus } from '@otedama/contracts';
import type { ShareValidator } from './share-validator.ts';
import { SHARE_VALIDATOR } from './tokens.ts';

@Controller()
export class ValidatorController {
  readonly #validator: ShareValidator;

  constructor(@Inject(SHARE_VALIDATOR) validator: ShareValidator) {
    this.#validator = validator;
  }

  @MessagePattern(Subject.validatorStatus)
  status(): ValidatorStatus {
    return this.#validator.status();
  }
}
