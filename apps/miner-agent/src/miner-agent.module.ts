/** Binds the agent to the Nest transport. Its life belongs to the composition root, which starts and stops it. */
import { type DynamicModule, Module } from '@nestjs/common';
import type { MinerAgent } from './agent.ts';
import { MiningController } from './mining.controller.ts';
import { MINER_AGENT } from './tokens.ts';

@Module({})
export class MinerAgentModule {
  static register(agent: MinerAgent): DynamicModule {
    return {
      module: MinerAgentModule,
      controllers: [MiningController],
      providers: [{ provide: MINER_AGENT, useFactory: () => agent }],
      exports: [MINER_AGENT],
    };
  }
}
