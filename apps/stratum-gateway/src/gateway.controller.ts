/** Queries that the gateway answers over the bus. */
import { Controller, Inject } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { type GatewayStatus, Subject } from '@otedama/contracts';
import type { StratumGateway } from './gateway.ts';
import { STRATUM_GATEWAY } from './tokens.ts';

@Controller()
export class GatewayController {
  readonly #gateway: StratumGateway;

  constructor(@Inject(STRATUM_GATEWAY) gateway: StratumGateway) {
    this.#gateway = gateway;
  }

  @MessagePattern(Subject.gatewayStatus)
  status(): GatewayStatus {
    return this.#gateway.status();
  }
}
