/** Queries that the gateway answers over the bus: each gateway of a fleet for itself. */
import { Controller, Inject } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { GATHERED } from '@otedama/bus';
import { type GatewayStatus, Subject } from '@otedama/contracts';
import type { StratumGateway } from './gateway.ts';
import { STRATUM_GATEWAY } from './tokens.ts';

@Controller()
export class GatewayController {
  readonly #gateway: StratumGateway;

  constructor(@Inject(STRATUM_GATEWAY) gateway: StratumGateway) {
    this.#gateway = gateway;
  }

  @MessagePattern(Subject.gatewayStatus, GATHERED)
  status(): GatewayStatus {
    return this.#gateway.status();
  }
}
