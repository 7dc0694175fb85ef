/** The tables as Kysely sees them; what they mean stands in the migrations. */
import type { ColumnType, Generated } from 'kysely';
import type { AccessTables } from './access/tables.ts';

/** int8 and numeric: read as text, written as bigint or text. */
type Whole = ColumnType<string, bigint | string, bigint | string>;
type GeneratedWhole = ColumnType<string, never, never>;
type DefaultWhole = ColumnType<string, bigint | string | undefined, bigint | string>;

export type BlockState = 'immature' | 'matured' | 'orphaned' | 'rejected';

export interface PoolTable {
  id: Generated<number>;
  name: string;
  coin: string | null;
  terms: unknown;
  accepted: DefaultWhole;
  rejected: DefaultWhole;
  duplicates: DefaultWhole;
  work: DefaultWhole;
}

export interface MinerTable {
  id: GeneratedWhole;
  pool_id: number;
  address: string;
}

export interface WorkerTable {
  id: GeneratedWhole;
  pool_id: number;
  miner_id: Whole;
  name: string;
  accepted: DefaultWhole;
  rejected: DefaultWhole;
  work: DefaultWhole;
  last_share_ms: Whole | null;
}

export interface PartitionRangeTable {
  parent: string;
  from_value: Whole;
  to_value: Whole;
  made_at_ms: Whole;
}

export interface BookedBatchTable {
  booked_at_ms: Whole;
  batch_id: Buffer;
  sequence: Whole;
}

export interface ShareHorizonTable {
  older_from: Whole;
  newer_from: Whole;
  newer_since_ms: Whole;
  newer_records: Whole;
}

export interface ShareReceiptTable {
  pool_id: number;
  number: Whole;
  after_sequence: Whole;
  to_sequence: Whole;
  closed_at_ms: Whole;
  batches: number;
  shares: Whole;
  root: Buffer;
  previous: Buffer;
  digest: Buffer;
  audit_seq: Whole | null;
  audit_hash: Buffer | null;
}

export interface ShareReceiptLeavesTable {
  pool_id: number;
  number: Whole;
  to_sequence: Whole;
  leaves: Buffer;
}

export interface ShareIntervalTable {
  after_sequence: Whole;
  opened_at_ms: Whole;
}

export interface WorkEntryTable {
  pool_id: number;
  sequence: Whole;
  closed_at_ms: Whole;
  shares: number;
  work: Whole;
  total_work: Whole;
  slices: Buffer;
  rate_id: number | null;
}

export interface PoolMinuteTable {
  pool_id: number;
  minute_ms: Whole;
  first_ms: Whole;
  accepted: Whole;
  rejected: Whole;
  work: Whole;
}

export interface WorkerMinuteTable extends PoolMinuteTable {
  worker_id: Whole;
}

export interface PoolSampleTable {
  pool_id: number;
  at_ms: Whole;
  miners: number;
  workers: number;
  network_work: Whole | null;
}

export interface ShareRateTable {
  id: Generated<number>;
  pool_id: number;
  from_sequence: Whole;
  scheme: string;
  height: number;
  network_work: Whole;
  subsidy: Whole;
  fees: Whole;
  fee_basis_points: number;
}

export interface BankrollTable {
  pool_id: number;
  decided_to: Whole;
  pays: boolean;
}

export interface BankrollSwitchTable {
  id: GeneratedWhole;
  pool_id: number;
  from_sequence: Whole;
  pays: boolean;
  balance: Whole;
  due: Whole;
  floor: Whole;
  reserve: Whole | null;
  at_ms: Whole;
}

export interface ShareCreditTable {
  id: GeneratedWhole;
  pool_id: number;
  coin: string;
  from_sequence: Whole;
  to_sequence: Whole;
  work: Whole;
  amount: Whole;
  entry_id: Whole | null;
  at_ms: Whole;
}

export interface ConsumerTable {
  name: string;
  position: Whole;
}

export interface BlockTable {
  id: GeneratedWhole;
  pool_id: number;
  coin: string;
  height: number;
  hash: string;
  prev_hash: string;
  coinbase_txid: string;
  reward: Whole;
  network_work: Whole;
  finder_address: string;
  finder_worker: string;
  batch_id: Buffer;
  found_at_ms: Whole;
  state: BlockState;
  reason: string | null;
  confirmations: number;
  terms: unknown;
  window_from: Whole | null;
  window_to: Whole | null;
  window_work: Whole | null;
  window_capacity: Whole | null;
  window_ranges: string | null;
  round_work: Whole | null;
  paid_in_coinbase: DefaultWhole;
}

export interface CoinbasePaymentTable {
  block_id: Whole;
  ordinal: number;
  address: string;
  amount: Whole;
  carried: Whole;
}

export interface AccountTable {
  id: GeneratedWhole;
  pool_id: number;
  coin: string;
  kind: string;
  address: string;
}

export interface AccountBalanceTable {
  account_id: Whole;
  balance: Whole;
}

export interface JournalEntryTable {
  id: GeneratedWhole;
  pool_id: number;
  kind: string;
  block_id: Whole | null;
  payout_batch_id: Whole | null;
  reverses: Whole | null;
  at_ms: Whole;
  transaction_id: Generated<string>;
}

export interface PostingTable {
  entry_id: Whole;
  account_id: Whole;
  amount: Whole;
}

export type PayoutState =
  | 'planned'
  | 'awaiting_approval'
  | 'approved'
  | 'signed'
  | 'broadcast'
  | 'confirmed'
  | 'cancelled'
  | 'conflicted';

export interface PayoutWalletTable {
  pool_id: number;
  coin: string;
  planned_at_ms: Whole | null;
}

export interface PayoutBatchTable {
  id: GeneratedWhole;
  pool_id: number;
  coin: string;
  state: PayoutState;
  fee_rule: 'pool' | 'miners';
  gross: Whole;
  net: Whole;
  planned_at_ms: Whole;
  moved_at_ms: Whole;
  settled_at_ms: Whole | null;
  note: string | null;
}

export interface PayoutPayeeTable {
  batch_id: Whole;
  ordinal: number;
  address: string;
  gross: Whole;
  amount: Whole;
}

export interface PayoutDebitTable {
  batch_id: Whole;
  ordinal: number;
  account_id: Whole;
  gross: Whole;
}

export interface PayoutTransactionTable {
  id: GeneratedWhole;
  batch_id: Whole;
  txid: string;
  raw: string;
  fee: Whole;
  spends: string[];
  signed_at_ms: Whole;
  handed_over_at_ms: Whole | null;
  released_at_ms: Whole | null;
  standing: Generated<'unknown' | 'pending' | 'confirmed' | 'conflicted' | 'failed'>;
  confirmations: Generated<number>;
  chain_fee: Whole | null;
  looked_at_ms: Whole | null;
}

export interface PayoutSettingTable {
  pool_id: number;
  coin: string;
  address: string;
  minimum: Whole;
  source: 'login' | 'signature';
  set_at_ms: Whole;
  signed_at_ms: Whole | null;
}

export interface PayoutRefusalTable {
  pool_id: number;
  coin: string;
  address: string;
  code: string;
  reason: string;
  owed: Whole;
  at_ms: Whole;
}

export interface AuditEntryTable {
  seq: Whole;
  id: string;
  at_ms: Whole;
  actor_kind: string;
  actor_id: string;
  actor_name: string;
  action: string;
  target: string | null;
  outcome: string;
  address: string | null;
  details: unknown;
  previous: Buffer;
  hash: Buffer;
}

export interface Schema extends AccessTables {
  pool: PoolTable;
  miner: MinerTable;
  worker: WorkerTable;
  partition_range: PartitionRangeTable;
  booked_batch: BookedBatchTable;
  share_horizon: ShareHorizonTable;
  share_receipt: ShareReceiptTable;
  share_receipt_leaves: ShareReceiptLeavesTable;
  share_interval: ShareIntervalTable;
  work_entry: WorkEntryTable;
  share_rate: ShareRateTable;
  share_credit: ShareCreditTable;
  bankroll: BankrollTable;
  bankroll_switch: BankrollSwitchTable;
  pool_minute: PoolMinuteTable;
  worker_minute: WorkerMinuteTable;
  pool_sample: PoolSampleTable;
  consumer: ConsumerTable;
  block: BlockTable;
  coinbase_payment: CoinbasePaymentTable;
  account: AccountTable;
  account_balance: AccountBalanceTable;
  journal_entry: JournalEntryTable;
  posting: PostingTable;
  payout_wallet: PayoutWalletTable;
  payout_batch: PayoutBatchTable;
  payout_payee: PayoutPayeeTable;
  payout_debit: PayoutDebitTable;
  payout_transaction: PayoutTransactionTable;
  payout_setting: PayoutSettingTable;
  payout_refusal: PayoutRefusalTable;
  audit_entry: AuditEntryTable;
}
