/** What others may ask of the books over the Nest transport. */
import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  balancesRequestSchema,
  type BalanceSummary,
  blocksRequestSchema,
  type BlockSummary,
  type Hashrate,
  hashrateRequestSchema,
  type Miner,
  minerRequestSchema,
  type MinerSummary,
  minersRequestSchema,
  type Payment,
  paymentsRequestSchema,
  type Round,
  roundRequestSchema,
  roundsRequestSchema,
  type Stats,
  statsRequestSchema,
  Subject,
  workersRequestSchema,
  type WorkerSummary,
} from '@otedama/contracts';
import type { AccountedPool, AccountingQueries } from './queries.ts';
import { ACCOUNTING } from './tokens.ts';

@Controller()
export class AccountingController {
  readonly #accounting: AccountingQueries;

  constructor(@Inject(ACCOUNTING) accounting: AccountingQueries) {
    this.#accounting = accounting;
  }

  @MessagePattern(Subject.accountingPools)
  pools(): Promise<AccountedPool[]> {
    return this.#accounting.pools();
  }

  @MessagePattern(Subject.accountingStats)
  stats(@Payload() request: unknown): Promise<Stats> {
    return this.#accounting.stats(statsRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accountingWorkers)
  workers(@Payload() request: unknown): Promise<WorkerSummary[]> {
    return this.#accounting.workers(workersRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accountingBlocks)
  blocks(@Payload() request: unknown): Promise<BlockSummary[]> {
    return this.#accounting.blocks(blocksRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accountingBalances)
  balances(@Payload() request: unknown): Promise<BalanceSummary[]> {
    return this.#accounting.balances(balancesRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accountingMiners)
  miners(@Payload() request: unknown): Promise<MinerSummary[]> {
    return this.#accounting.miners(minersRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accountingMiner)
  miner(@Payload() request: unknown): Promise<Miner[]> {
    return this.#accounting.miner(minerRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accountingHashrate)
  hashrate(@Payload() request: unknown): Promise<Hashrate> {
    return this.#accounting.hashrate(hashrateRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accountingRounds)
  rounds(@Payload() request: unknown): Promise<Round[]> {
    return this.#accounting.rounds(roundsRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accountingRound)
  round(@Payload() request: unknown): Promise<Round[]> {
    return this.#accounting.round(roundRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accountingPayments)
  payments(@Payload() request: unknown): Promise<Payment[]> {
    return this.#accounting.payments(paymentsRequestSchema.parse(request));
  }
}
