/**
 * The questions of the API, typed: each names its subject and checks the reply against the schema in
 * libs/contracts, so that nothing of another version or a broken service reaches a client unchecked.
 */
import {
  type BalanceChanges,
  type AccountingHealth,
  type BalanceSummary,
  type BalancesRequest,
  type BlockSummary,
  type BlocksRequest,
  type Found,
  type FoundRequest,
  type GatewayStatus,
  type Hashrate,
  type HashrateRequest,
  type LoggedShare,
  type Miner,
  type MinerFacts,
  type MinerFactsRequest,
  type MinerHistory,
  type MinerHistoryRequest,
  type MinerPageRequest,
  type MinerRequest,
  type MinerSummary,
  type MinersRequest,
  type MiningStatus,
  type Paid,
  type PaidDays,
  type PaidRequest,
  type Payment,
  type PaymentsRequest,
  type PayoutWishReply,
  type PayoutWishRequest,
  type PoolFacts,
  type PoolFactsRequest,
  type PoolHistory,
  type PoolHistoryRequest,
  type PoolSummary,
  type ReceiptSummary,
  type ReceiptsRequest,
  type Round,
  type RoundRequest,
  type RoundsRequest,
  type Settlement,
  type SettlementRequest,
  type ShareProofReply,
  type ShareProofRequest,
  type SharesRequest,
  type Statement,
  type StatementRequest,
  type Stats,
  type StatsRequest,
  Subject,
  type ValidatorStatus,
  type WorkerSummary,
  type WorkersRequest,
  accountingHealthSchema,
  accountingPoolsSchema,
  balanceChangesSchema,
  balanceSchema,
  blockSchema,
  foundSchema,
  gatewayStatusSchema,
  hashrateSchema,
  loggedShareSchema,
  minerFactsSchema,
  minerHistorySchema,
  minerSummarySchema,
  minersFoundSchema,
  miningStatusSchema,
  paidDaysSchema,
  paidSchema,
  paymentSchema,
  poolFactsFoundSchema,
  poolHistorySchema,
  receiptSchema,
  roundSchema,
  payoutWishReplySchema,
  settlementsSchema,
  shareProofReplySchema,
  statementSchema,
  statsSchema,
  validatorStatusSchema,
  workerSchema,
} from '@otedama/contracts';
import { z } from 'zod';

import { createAsk } from './ask.ts';
import { type QueryClient, QueryError } from './query-client.ts';
import { mergeValidators } from './merge-validators.ts';
import { sumGateways } from './sum-gateways.ts';

export interface PoolQueries {
  pools(): Promise<PoolSummary[]>;
  stats(request: StatsRequest): Promise<Stats>;
  workers(request: WorkersRequest): Promise<WorkerSummary[]>;
  blocks(request: BlocksRequest): Promise<BlockSummary[]>;
  balances(request: BalancesRequest): Promise<BalanceSummary[]>;
  miners(request: MinersRequest): Promise<MinerSummary[]>;
  /** Nothing where no pool has ever heard of the address. */
  miner(request: MinerRequest): Promise<Miner[]>;
  hashrate(request: HashrateRequest): Promise<Hashrate>;
  rounds(request: RoundsRequest): Promise<Round[]>;
  /** The one under way, or nothing where there is no such pool. */
  round(request: RoundRequest): Promise<Round[]>;
  payments(request: PaymentsRequest): Promise<Payment[]>;
  /** Nothing where there is no such pool. */
  poolFacts(request: PoolFactsRequest): Promise<PoolFacts[]>;
  poolHistory(request: PoolHistoryRequest): Promise<PoolHistory>;
  minerFacts(request: MinerFactsRequest): Promise<MinerFacts>;
  minerHistory(request: MinerHistoryRequest): Promise<MinerHistory>;
  found(request: FoundRequest): Promise<Found>;
  paid(request: PaidRequest): Promise<Paid>;
  paidDays(request: MinerPageRequest): Promise<PaidDays>;
  balanceChanges(request: MinerPageRequest): Promise<BalanceChanges>;
  /** Of one block, or nothing where no such block was booked. */
  settlement(request: SettlementRequest): Promise<Settlement[]>;
  statement(request: StatementRequest): Promise<Statement>;
  receipts(request: ReceiptsRequest): Promise<ReceiptSummary[]>;
  shares(request: SharesRequest): Promise<LoggedShare[]>;
  shareProof(request: ShareProofRequest): Promise<ShareProofReply>;
  payoutWish(request: PayoutWishRequest): Promise<PayoutWishReply>;
  validator(): Promise<ValidatorStatus>;
  gateway(): Promise<GatewayStatus>;
  mining(): Promise<MiningStatus>;
  /** Of every agent. */
  agents(): Promise<MiningStatus[]>;
  /** The worst that any accounting says of itself. */
  accountingHealth(): Promise<AccountingHealth>;
  startMining(): Promise<MiningStatus>;
  stopMining(): Promise<MiningStatus>;
}

const workersSchema = z.array(workerSchema);
const blocksSchema = z.array(blockSchema);
const balancesSchema = z.array(balanceSchema);
const receiptsSchema = z.array(receiptSchema);
const sharesSchema = z.array(loggedShareSchema);
const minersSchema = z.array(minerSummarySchema);
const roundsSchema = z.array(roundSchema);
const paymentsSchema = z.array(paymentSchema);

/** Those that stand by are well; the one that keeps the books knows. */
const worstHealth = (all: readonly AccountingHealth[]): AccountingHealth => {
  const worst = (part: keyof AccountingHealth): AccountingHealth[typeof part] =>
    all.map((health) => health[part]).find(({ state }) => state !== 'up') ?? { state: 'up' };
  return { books: worst('books'), payouts: worst('payouts') };
};

export function createPoolQueries(client: QueryClient): PoolQueries {
  const ask = createAsk(client);
  const askAll = async <T>(subject: Subject, schema: z.ZodType<T>): Promise<T[]> => {
    const replies = z.array(schema).safeParse(await client.askAll(subject, {}));
    if (!replies.success) throw new QueryError('QUERY_BAD_REPLY', subject, replies.error);
    return replies.data;
  };
  return {
    pools: () => ask(Subject.accountingPools, accountingPoolsSchema),
    stats: (request) => ask(Subject.accountingStats, statsSchema, request),
    workers: (request) => ask(Subject.accountingWorkers, workersSchema, request),
    blocks: (request) => ask(Subject.accountingBlocks, blocksSchema, request),
    balances: (request) => ask(Subject.accountingBalances, balancesSchema, request),
    miners: (request) => ask(Subject.accountingMiners, minersSchema, request),
    miner: (request) => ask(Subject.accountingMiner, minersFoundSchema, request),
    hashrate: (request) => ask(Subject.accountingHashrate, hashrateSchema, request),
    rounds: (request) => ask(Subject.accountingRounds, roundsSchema, request),
    round: (request) => ask(Subject.accountingRound, roundsSchema, request),
    payments: (request) => ask(Subject.accountingPayments, paymentsSchema, request),
    poolFacts: (request) => ask(Subject.accountingPoolFacts, poolFactsFoundSchema, request),
    poolHistory: (request) => ask(Subject.accountingPoolHistory, poolHistorySchema, request),
    minerFacts: (request) => ask(Subject.accountingMinerFacts, minerFactsSchema, request),
    minerHistory: (request) => ask(Subject.accountingMinerHistory, minerHistorySchema, request),
    found: (request) => ask(Subject.accountingFound, foundSchema, request),
    paid: (request) => ask(Subject.accountingPaid, paidSchema, request),
    paidDays: (request) => ask(Subject.accountingPaidDays, paidDaysSchema, request),
    balanceChanges: (request) => ask(Subject.accountingBalanceChanges, balanceChangesSchema, request),
    payoutWish: (request) => ask(Subject.accountingPayoutWish, payoutWishReplySchema, request),
    settlement: (request) => ask(Subject.accountingSettlement, settlementsSchema, request),
    statement: (request) => ask(Subject.accountingStatement, statementSchema, request),
    receipts: (request) => ask(Subject.accountingReceipts, receiptsSchema, request),
    shares: (request) => ask(Subject.accountingShares, sharesSchema, request),
    shareProof: (request) => ask(Subject.accountingShareProof, shareProofReplySchema, request),
    validator: async () => mergeValidators(await askAll(Subject.validatorStatus, validatorStatusSchema)),
    gateway: async () => sumGateways(await askAll(Subject.gatewayStatus, gatewayStatusSchema)),
    mining: () => ask(Subject.miningStatus, miningStatusSchema),
    agents: () => askAll(Subject.miningStatus, miningStatusSchema),
    accountingHealth: async () => worstHealth(await askAll(Subject.accountingHealth, accountingHealthSchema)),
    startMining: () => ask(Subject.miningStart, miningStatusSchema),
    stopMining: () => ask(Subject.miningStop, miningStatusSchema),
  };
}
