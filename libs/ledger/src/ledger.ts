/** The ledger as its one writer, pool-accounting, uses it. Every method is one transaction or one statement. */
import type { BlockEvent, DurableLog } from '@otedama/contracts';
import type { Kysely } from 'kysely';
import { readPosition } from './consumer.ts';
import { type BankrollDecision, type BankrollFunding, fundBankroll } from './ledger/bankroll.ts';
import { buyShares } from './ledger/buy-shares.ts';
import { adjust, type Adjustment } from './ledger/adjust.ts';
import { type FollowedBlock, followedBlocks } from './ledger/followed-blocks.ts';
import { type BlockMove, moveBlock } from './ledger/move-block.ts';
import { type Proof, prove } from './ledger/prove.ts';
import { type BlockEntry, hasBlock, recordBlock } from './ledger/record-block.ts';
import { type RegisteredPool, registerPools } from './ledger/terms.ts';
import { type PriceMoment, type PriceQuote, quotesAt, storeQuotes } from './prices/quotes.ts';
import { type FoundShare, findShares, type ShareSearch } from './receipts/find-shares.ts';
import {
  listReceipts,
  type ProofOutcome,
  proveShare,
  type Receipt,
  type SharePlace,
} from './receipts/read-receipts.ts';
import { type Assets, reportAssets } from './reports/assets.ts';
import { findBlocks, type FoundBlock } from './reports/find-blocks.ts';
import { type BankrollReport, reportBankrolls } from './reports/bankroll.ts';
import { type History, type HistoryPoint, reportHistory } from './reports/history.ts';
import { type ExportedPosting, exportJournal, type ExportRange } from './reports/journal-export.ts';
import { createPageReports, type PageReports } from './reports/pages.ts';
import { type PayeeReport, type PayeeRequest, reportPayees } from './reports/payees.ts';
import {
  type BalanceReport,
  type BlockFilter,
  type BlockReport,
  reportBalances,
  reportBlocks,
} from './reports/money.ts';
import { type HashrateRange, reportHashrate } from './reports/hashrate-history.ts';
import { type MinerBalance, minerBalances } from './reports/miner-balances.ts';
import { type MinerOrder, type MinerReport, Miners, reportMiner } from './reports/miners.ts';
import { type PaymentFilter, type PaymentReport, reportPayments } from './reports/payments.ts';
import { type PoolReport, reportPools } from './reports/pools.ts';
import {
  type OpenRound,
  reportOpenRound,
  reportRounds,
  type RoundFilter,
  type RoundReport,
} from './reports/rounds.ts';
import { Settlements, type SettlementSheet, type SheetRequest } from './reports/settlement.ts';
import {
  type StatementBalance,
  statementBalances,
  type StatementLine,
  statementLines,
} from './reports/statement.ts';
import { type AccountFilter, type Page, reportWorkers, type WorkerReport } from './reports/workers.ts';
import type { Schema } from './schema.ts';
import { bookedBatch } from './work/booked-batches.ts';
import { sumChunks } from './work/chunks.ts';
import { prune, type Retention, servedUpTo } from './work/prune.ts';
import {
  type ReadableLog,
  ShareBooker,
  type ShareBookerOptions,
  type ShareRun,
} from './work/share-booker.ts';

export interface Ledger extends PageReports {
  registerPools(pools: readonly RegisteredPool[]): Promise<void>;
  /** Up to where a log is booked. */
  position(consumer: string): Promise<bigint>;
  /** Books what the log of shares holds, until its end or until the signal. */
  bookShares(log: ReadableLog, signal: AbortSignal, onBooked?: (run: ShareRun) => void): Promise<void>;
  /** Position in the log of shares of a batch, once it is booked. */
  bookedBatch(batchId: Buffer): Promise<bigint | undefined>;
  hasBlock(block: Pick<BlockEvent, 'coin' | 'hash'>): Promise<boolean>;
  /** Pays by the share what a pool's work has earned so far, where it is paid so. */
  creditShares(pool: string, atMs: number): Promise<readonly BankrollDecision[]>;
  fundBankroll(funding: BankrollFunding): Promise<void>;
  bankrolls(): Promise<readonly BankrollReport[]>;
  /** False when the position was passed already. */
  recordBlock(entry: BlockEntry): Promise<boolean>;
  /** Of one chain that the pool mines. */
  followedBlocks(pool: string, coin: string, depth: number): Promise<readonly FollowedBlock[]>;
  moveBlock(move: BlockMove): Promise<boolean>;
  prove(): Promise<Proof>;
  /** A correction by hand; returns the id of its entry. */
  adjust(adjustment: Adjustment): Promise<bigint>;
  assets(): Promise<readonly Assets[]>;
  /** Position in the log of shares up to which it has served; zero: nothing yet. */
  servedUpTo(retention: Retention, nowMs: number): Promise<bigint>;
  /** Drops what has served, once the log of shares was trimmed. */
  prune(retention: Retention, nowMs: number): Promise<void>;
  pools(nowMs: number): Promise<readonly PoolReport[]>;
  history(windowMs: number, nowMs: number): Promise<History>;
  workers(filter: AccountFilter, page: Page, nowMs: number): Promise<readonly WorkerReport[]>;
  /** Of one pool, miner or worker. */
  hashrate(range: HashrateRange, nowMs: number): Promise<readonly HistoryPoint[]>;
  /** Those at work. */
  miners(order: MinerOrder, page: Page, nowMs: number): Promise<readonly MinerReport[]>;
  miner(pools: readonly string[], address: string, nowMs: number): Promise<readonly MinerReport[]>;
  minerBalances(pools: readonly string[], address: string): Promise<readonly MinerBalance[]>;
  blocks(filter: BlockFilter, page: Page): Promise<readonly BlockReport[]>;
  rounds(filter: RoundFilter, page: Page): Promise<readonly RoundReport[]>;
  openRound(pool: string, coin: string): Promise<OpenRound | undefined>;
  payments(filter: PaymentFilter, limit: number): Promise<readonly PaymentReport[]>;
  balances(filter: AccountFilter, page: Page): Promise<readonly BalanceReport[]>;
  /** Of a pool, newest first. */
  receipts(pool: string, page: Page): Promise<readonly Receipt[]>;
  shares(log: Pick<DurableLog, 'readAt'>, search: ShareSearch): Promise<readonly FoundShare[]>;
  proveShare(log: Pick<DurableLog, 'readAt'>, place: SharePlace): Promise<ProofOutcome>;
  /** What an address has earned and been paid in all pools. */
  statementBalances(address: string): Promise<readonly StatementBalance[]>;
  /** Newest first. */
  statementLines(address: string, page: Page): Promise<readonly StatementLine[]>;
  /** Returns how many were new; one for a moment that is known already changes nothing. */
  storePrices(quotes: readonly PriceQuote[], seenAtMs: number): Promise<number>;
  /** For each moment the newest price that is not after it. */
  pricesAt(currency: string, moments: readonly PriceMoment[]): Promise<readonly (PriceQuote | undefined)[]>;
  findBlocks(name: string, coin?: string): Promise<readonly FoundBlock[]>;
  /** The journal by pages, in order. */
  journal(range: ExportRange): AsyncIterable<readonly ExportedPosting[]>;
  /** Whom the coinbases of a pool are to pay now. */
  payees(request: PayeeRequest): Promise<PayeeReport | undefined>;
  /** How the reward of a block was shared out; undefined: no such block was booked. */
  settlement(request: SheetRequest): Promise<SettlementSheet | undefined>;
}

export const createLedger = (db: Kysely<Schema>, options: ShareBookerOptions = {}): Ledger => {
  const booker = new ShareBooker(db, options);
  const settlements = new Settlements(db);
  const miners = new Miners(db);
  return {
    ...createPageReports(db),
    registerPools: (pools) => registerPools(db, pools),
    position: (consumer) => readPosition(db, consumer),
    async bookShares(log, signal, onBooked = () => undefined) {
      await booker.book(log, signal, onBooked);
      await sumChunks(db, options.chunkShares);
    },
    bookedBatch: (batchId) => bookedBatch(db, batchId),
    hasBlock: (block) => hasBlock(db, block),
    creditShares: (pool, atMs) => buyShares(db, pool, atMs),
    fundBankroll: (funding) => fundBankroll(db, funding),
    bankrolls: () => reportBankrolls(db),
    recordBlock: (entry) => recordBlock(db, entry),
    followedBlocks: (pool, coin, depth) => followedBlocks(db, pool, coin, depth),
    moveBlock: (move) => moveBlock(db, move),
    prove: () => prove(db),
    adjust: (adjustment) => adjust(db, adjustment),
    assets: () => reportAssets(db),
    servedUpTo: (retention, nowMs) => servedUpTo(db, retention, nowMs),
    prune: (retention, nowMs) => prune(db, retention, nowMs),
    pools: (nowMs) => reportPools(db, nowMs),
    history: (windowMs, nowMs) => reportHistory(db, windowMs, nowMs),
    workers: (filter, page, nowMs) => reportWorkers(db, filter, page, nowMs),
    hashrate: (range, nowMs) => reportHashrate(db, range, nowMs),
    miners: (order, page, nowMs) => miners.list(order, page, nowMs),
    miner: (pools, address, nowMs) => reportMiner(db, pools, address, nowMs),
    minerBalances: (pools, address) => minerBalances(db, pools, address),
    blocks: (filter, page) => reportBlocks(db, filter, page),
    rounds: (filter, page) => reportRounds(db, filter, page),
    openRound: (pool, coin) => reportOpenRound(db, pool, coin),
    payments: (filter, limit) => reportPayments(db, filter, limit),
    balances: (filter, page) => reportBalances(db, filter, page),
    receipts: (pool, page) => listReceipts(db, pool, page),
    shares: (log, search) => findShares(db, log, search),
    proveShare: (log, place) => proveShare(db, log, place),
    statementBalances: (address) => statementBalances(db, address),
    statementLines: (address, page) => statementLines(db, address, page),
    storePrices: (quotes, seenAtMs) => storeQuotes(db, quotes, seenAtMs),
    pricesAt: (currency, moments) => quotesAt(db, currency, moments),
    findBlocks: (name, coin) => findBlocks(db, name, coin),
    journal: (range) => exportJournal(db, range),
    payees: (request) => reportPayees(db, request),
    settlement: (request) => settlements.sheet(request),
  };
};
