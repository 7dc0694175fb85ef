/** What others may ask of the books over the Nest transport. */
import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  balancesRequestSchema,
  type BalanceSummary,
  blocksRequestSchema,
  type BlockSummary,
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
}
