export { type Connection, type Database, type DatabaseOptions, openDatabase } from './database.ts';
export {
  type ConnectionOptions,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './postgres/embedded.ts';
export { type ReachedPostgres, reachEmbeddedPostgres } from './postgres/reach.ts';
export { PostgresError, type PostgresErrorCode } from './postgres/errors.ts';
export { type MigrateOptions, migrate, requireSchema } from './migrate.ts';
export { MigrationError, type MigrationErrorCode } from './migration-error.ts';
export type { LogHeir } from './migrations/0016-logs-in-files.ts';
export { createLedger, type Ledger } from './ledger.ts';
export { type AccessStore, createAccessStore } from './access/store.ts';
export type { SecondFactor } from './access/factors.ts';
export type { SigningKey } from './access/signing-keys.ts';
export type { StoredUser } from './access/users.ts';
export { type BookingLease, createBookingLease } from './lease.ts';
export type { BankrollFunding } from './ledger/bankroll.ts';
export { LedgerError, type LedgerErrorCode } from './ledger/errors.ts';
export type { FollowedBlock } from './ledger/followed-blocks.ts';
export type { BlockMove, ChainState } from './ledger/move-block.ts';
export type { CoinProof, Proof } from './ledger/prove.ts';
export type { BlockEntry } from './ledger/record-block.ts';
export type { RegisteredPool } from './ledger/terms.ts';
export { type ActedBy, appendAudit, type AuditNote, recordAudit } from './audit/append.ts';
export { type AuditBook, createAuditBook } from './audit/book.ts';
export { type AuditEntry, type AuditHead, shownEntry } from './audit/entry.ts';
export type { AuditFilter } from './audit/list.ts';
export type { AuditRun } from './audit/take-log.ts';
export type { AuditFault, AuditVerdict } from './audit/verify.ts';
export type { Debt } from './payouts/debts.ts';
export type { Decision } from './payouts/moves.ts';
export type { Observation } from './payouts/observe.ts';
export { createPayoutOutbox, type PayoutOutbox } from './payouts/outbox.ts';
export type { PlannedBatch, PlannedPayee, Refusal } from './payouts/plan-batch.ts';
export type { PayoutFilter, PayoutReport, RefusedAccount } from './payouts/reports.ts';
export type { PayoutBatch, PayoutChain, StandingKind, StoredTransaction } from './payouts/rows.ts';
export type { PayoutWish } from './payouts/settings.ts';
export type { BankrollReport } from './reports/bankroll.ts';
export type { History, HistoryPoint, PoolHistory } from './reports/history.ts';
export type { ReceiptRoot } from './receipts/interval.ts';
export type { FoundShare, ShareSearch } from './receipts/find-shares.ts';
export type {
  ProofOutcome,
  ProofRefusal,
  Receipt,
  SharePlace,
  ShareProof,
} from './receipts/read-receipts.ts';
export { ADJUSTABLE, type AdjustableKind, type Adjustment } from './ledger/adjust.ts';
export type { Assets } from './reports/assets.ts';
export type { PriceMoment, PriceQuote } from './prices/quotes.ts';
export type { StatementBalance, StatementLine } from './reports/statement.ts';
export type { FoundBlock } from './reports/find-blocks.ts';
export type { ExportedPosting, ExportRange } from './reports/journal-export.ts';
export type { CoinReport } from './reports/coins.ts';
export type { BalanceReport, BlockFilter, BlockReport } from './reports/money.ts';
export type { FoundReport } from './reports/found.ts';
export type { WorkerPoint } from './reports/miner-history.ts';
export type { PoolSample } from './reports/pool-samples.ts';
export type { MinerBalance } from './reports/miner-balances.ts';
export type { MinerReport } from './reports/miners.ts';
export type { PaymentPlace, PaymentReport } from './reports/payments.ts';
export type { RoundReport } from './reports/rounds.ts';
export type { PoolReport } from './reports/pools.ts';
export type { SheetLine, SheetWindow } from './reports/resettle.ts';
export type { SettlementSheet, SheetEntry, SheetRequest } from './reports/settlement.ts';
export type { AccountFilter, Page, WorkerReport } from './reports/workers.ts';
export type { BlockState, PayoutState, Schema } from './schema.ts';
export type { Retention } from './work/prune.ts';
export type { ReadableLog, ShareBookerOptions, ShareRun } from './work/share-booker.ts';
