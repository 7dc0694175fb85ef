/** Binds the service to the Nest transport. Its life belongs to the composition root, which starts and stops it. */
import { type DynamicModule, Module } from '@nestjs/common';
import { GatewayController } from './gateway.controller.ts';
import type { StratumGateway } from './gateway.ts';
import { STRATUM_GATEWAY } from './tokens.ts';

@Module({})
export class StratumGatewayModule {
  static register(gateway: StratumGateway): DynamicModule {
    return {
      module: StratumGatewayModule,
      controllers: [GatewayController],
      providers: [{ provide: STRATUM_GATEWAY, useFactory: () => gateway }],
      exports: [STRATUM_GATEWAY],
    };
  }
}
