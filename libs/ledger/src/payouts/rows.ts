/** Batches and their transactions as they lie in the tables. */
import type { SignedTransaction, TransactionStanding } from '@otedama/payouts';
import { type Kysely, sql, type Transaction } from 'kysely';
import { LedgerError } from '../ledger/errors.ts';
import type { PayoutState, Schema } from '../schema.ts';

/** What one wallet pays for: the chain of a pool, its own or one mined below it. */
export interface PayoutChain {
  readonly pool: string;
  readonly coin: string;
}

export type StandingKind = TransactionStanding['kind'];

export interface StoredTransaction extends SignedTransaction {
  readonly signedAtMs: number;
  /** Undefined: nobody but us has ever seen it. */
  readonly handedOverAtMs: number | undefined;
  readonly lookedAtMs: number | undefined;
  readonly standing: StandingKind;
  readonly confirmations: number;
}

export interface PayoutBatch {
  readonly id: bigint;
  readonly state: PayoutState;
  readonly feeRule: 'pool' | 'miners';
  readonly grossAtomic: bigint;
  readonly netAtomic: bigint;
  readonly plannedAtMs: number;
  readonly note: string | undefined;
  /** The original, then its replacements. */
  readonly transactions: readonly StoredTransaction[];
}

interface BatchRow {
  readonly id: string;
  readonly state: PayoutState;
  readonly fee_rule: 'pool' | 'miners';
  readonly gross: string;
  readonly net: string;
  readonly planned_at_ms: string;
  readonly note: string | null;
}

interface TransactionRow {
  readonly batch_id: string;
  readonly txid: string;
  readonly raw: string;
  readonly fee: string;
  readonly spends: string[];
  readonly signed_at_ms: string;
  readonly handed_over_at_ms: string | null;
  readonly looked_at_ms: string | null;
  readonly standing: StandingKind;
  readonly confirmations: number;
}

const timeOf = (value: string | null): number | undefined => (value === null ? undefined : Number(value));

const transactionOf = (row: TransactionRow): StoredTransaction => ({
  txid: row.txid,
  raw: row.raw,
  feeAtomic: BigInt(row.fee),
  spends: row.spends,
  signedAtMs: Number(row.signed_at_ms),
  handedOverAtMs: timeOf(row.handed_over_at_ms),
  lookedAtMs: timeOf(row.looked_at_ms),
  standing: row.standing,
  confirmations: row.confirmations,
});

export const chainClause = ({ pool, coin }: PayoutChain) =>
  sql`batch.pool_id = (SELECT id FROM pool WHERE name = ${pool}) AND batch.coin = ${coin}`;

const readTransactions = async (
  db: Kysely<Schema>,
  ids: readonly string[],
): Promise<Map<string, StoredTransaction[]>> => {
  const { rows } = await sql<TransactionRow>`
    SELECT batch_id, txid, raw, fee, spends, signed_at_ms, handed_over_at_ms, looked_at_ms, standing, confirmations
      FROM payout_transaction WHERE batch_id = ANY(${ids}::bigint[]) ORDER BY id`.execute(db);
  const byBatch = new Map<string, StoredTransaction[]>(ids.map((id) => [id, []]));
  for (const row of rows) byBatch.get(row.batch_id)?.push(transactionOf(row));
  return byBatch;
};

/** Those that may still change, oldest first. */
export const openBatches = async (
  db: Kysely<Schema>,
  chain: PayoutChain,
): Promise<readonly PayoutBatch[]> => {
  const { rows } = await sql<BatchRow>`
    SELECT id, state, fee_rule, gross, net, planned_at_ms, note FROM payout_batch batch
     WHERE ${chainClause(chain)} AND settled_at_ms IS NULL ORDER BY id`.execute(db);
  const transactions = await readTransactions(
    db,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => ({
    id: BigInt(row.id),
    state: row.state,
    feeRule: row.fee_rule,
    grossAtomic: BigInt(row.gross),
    netAtomic: BigInt(row.net),
    plannedAtMs: Number(row.planned_at_ms),
    note: row.note ?? undefined,
    transactions: transactions.get(row.id) ?? [],
  }));
};

export interface LockedBatch {
  readonly id: bigint;
  readonly poolId: number;
  readonly coin: string;
  readonly state: PayoutState;
  readonly netAtomic: bigint;
}

/** Whoever moves a batch holds its row until the move is done. */
export const lockBatch = async (trx: Transaction<Schema>, id: bigint): Promise<LockedBatch> => {
  const row = await trx
    .selectFrom('payout_batch')
    .select(['pool_id', 'coin', 'state', 'net'])
    .where('id', '=', id.toString())
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw new LedgerError('PAYOUT_STATE', `there is no batch ${id}`);
  return { id, poolId: row.pool_id, coin: row.coin, state: row.state, netAtomic: BigInt(row.net) };
};

export const requireState = ({ id, state }: LockedBatch, allowed: readonly PayoutState[]): void => {
  if (allowed.includes(state)) return;
  throw new LedgerError('PAYOUT_STATE', `batch ${id} is ${state}, not ${allowed.join(' or ')}`);
};

export interface BatchChange {
  readonly state: PayoutState;
  readonly atMs: number;
  readonly note?: string;
  readonly isSettled?: boolean;
}

export const setState = async (
  trx: Transaction<Schema>,
  { id }: Pick<LockedBatch, 'id'>,
  { state, atMs, note, isSettled = false }: BatchChange,
): Promise<void> => {
  await trx
    .updateTable('payout_batch')
    .set({
      state,
      moved_at_ms: BigInt(atMs),
      note: note ?? null,
      settled_at_ms: isSettled ? BigInt(atMs) : null,
    })
    .where('id', '=', id.toString())
    .execute();
};
