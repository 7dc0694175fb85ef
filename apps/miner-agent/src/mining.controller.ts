/** Commands and queries of the miner, over the transport of the process. */
import { Controller, Inject } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { GATHERED } from '@otedama/bus';
import { type MiningStatus, Subject } from '@otedama/contracts';
import type { MinerAgent } from './agent.ts';
import { MINER_AGENT } from './tokens.ts';

@Controller()
export class MiningController {
  readonly #agent: MinerAgent;

  constructor(@Inject(MINER_AGENT) agent: MinerAgent) {
    this.#agent = agent;
  }

  @MessagePattern(Subject.miningStart)
  start(): Promise<MiningStatus> {
    return this.#agent.startMining();
  }

  @MessagePattern(Subject.miningStop)
  stop(): Promise<MiningStatus> {
    return this.#agent.stopMining();
  }

  @MessagePattern(Subject.miningStatus, GATHERED)
  status(): MiningStatus {
    return this.#agent.status();
  }
}
