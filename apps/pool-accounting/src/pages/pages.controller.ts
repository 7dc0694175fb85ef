/** Facts, history and payments of a pool and its miners, over the Nest transport. */
import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  type BalanceChanges,
  type Found,
  foundRequestSchema,
  type MinerFacts,
  type MinerHistory,
  minerFactsRequestSchema,
  minerHistoryRequestSchema,
  minerPageRequestSchema,
  type Paid,
  type PaidDays,
  paidRequestSchema,
  type PoolFacts,
  poolFactsRequestSchema,
  type PoolHistory,
  poolHistoryRequestSchema,
  Subject,
} from '@otedama/contracts';
import { ACCOUNTING } from '../tokens.ts';
import type { PageQueries } from './queries.ts';

@Controller()
export class PagesController {
  readonly #pages: PageQueries;

  constructor(@Inject(ACCOUNTING) pages: PageQueries) {
    this.#pages = pages;
  }

  @MessagePattern(Subject.accountingPoolFacts)
  poolFacts(@Payload() request: unknown): Promise<PoolFacts[]> {
    return this.#pages.poolFacts(poolFactsRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accountingPoolHistory)
  poolHistory(@Payload() request: unknown): Promise<PoolHistory> {
    return this.#pages.poolHistory(poolHistoryRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accountingMinerFacts)
  minerFacts(@Payload() request: unknown): Promise<MinerFacts> {
    return this.#pages.minerFacts(minerFactsRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accountingMinerHistory)
  minerHistory(@Payload() request: unknown): Promise<MinerHistory> {
    return this.#pages.minerHistory(minerHistoryRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accountingPaid)
  paid(@Payload() request: unknown): Promise<Paid> {
    return this.#pages.paid(paidRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accountingPaidDays)
  paidDays(@Payload() request: unknown): Promise<PaidDays> {
    return this.#pages.paidDays(minerPageRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accountingBalanceChanges)
  balanceChanges(@Payload() request: unknown): Promise<BalanceChanges> {
    return this.#pages.balanceChanges(minerPageRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accountingFound)
  found(@Payload() request: unknown): Promise<Found> {
    return this.#pages.found(foundRequestSchema.parse(request));
  }
}
