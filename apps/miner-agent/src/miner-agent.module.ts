/** Wiring only. Whoever hosts the module starts and stops the agent, so that it can order that among services. */
import { type DynamicModule, Module } from '@nestjs/common';
import { type MinerAgentDeps, type MinerAgentOptions, createMinerAgent } from './agent.ts';
import { MiningController } from './mining.controller.ts';
import { MINER_AGENT } from './tokens.ts';

@Module({})
export class MinerAgentModule {
  static register(deps: MinerAgentDeps, options: MinerAgentOptions): DynamicModule {
    return {
      module: MinerAgentModule,
      controllers: [MiningController],
      providers: [{ provide: MINER_AGENT, useFactory: () => createMinerAgent(deps, options) }],
      exports: [MINER_AGENT],
    };
  }
}
