/**
 * The signed transactions of a batch. They are stored before anybody else can have seen them, and marked as handed
 * over before they are sent: what is not marked has never left this machine.
 */
import type { SignedTransaction } from '@otedama/payouts';
import { type Kysely, sql, type Transaction } from 'kysely';
import { LedgerError } from '../ledger/errors.ts';
import type { Schema } from '../schema.ts';
import {
  chainClause,
  type LockedBatch,
  lockBatch,
  type PayoutChain,
  requireState,
  setState,
} from './rows.ts';

/** The last line of defence against a wallet that spends twice: of two that share a spend one would never confirm. */
const requireFreeSpends = async (
  trx: Transaction<Schema>,
  batch: LockedBatch,
  { spends }: SignedTransaction,
): Promise<void> => {
  const { rows } = await sql<{ batch_id: string; txid: string }>`
    SELECT other.batch_id, other.txid FROM payout_transaction other JOIN payout_batch batch ON batch.id = other.batch_id
     WHERE batch.pool_id = ${batch.poolId} AND batch.coin = ${batch.coin} AND batch.id <> ${batch.id}
       AND batch.state <> 'cancelled' AND other.spends && ${spends}::text[] LIMIT 1`.execute(trx);
  const [taken] = rows;
  if (taken === undefined) return;
  const other = `${taken.txid} of batch ${taken.batch_id}`;
  throw new LedgerError('PAYOUT_SPENDS', `what was signed for batch ${batch.id} spends what ${other} spends`);
};

/** Two of a batch that share no spend could both confirm, and pay everybody twice. */
const requireReplacement = async (
  trx: Transaction<Schema>,
  { id }: LockedBatch,
  { spends }: SignedTransaction,
): Promise<void> => {
  const { rows } = await sql<{ txid: string }>`
    SELECT txid FROM payout_transaction WHERE batch_id = ${id} AND NOT spends && ${spends}::text[] LIMIT 1`.execute(
    trx,
  );
  const [independent] = rows;
  if (independent === undefined) return;
  throw new LedgerError(
    'PAYOUT_SPENDS',
    `what was signed for batch ${id} can confirm beside ${independent.txid}`,
  );
};

const insertTransaction = async (
  trx: Transaction<Schema>,
  { id }: LockedBatch,
  { txid, raw, feeAtomic, spends }: SignedTransaction,
  atMs: number,
): Promise<void> => {
  await sql`
    INSERT INTO payout_transaction (batch_id, txid, raw, fee, spends, signed_at_ms)
    VALUES (${id}, ${txid}, ${raw}, ${feeAtomic}, ${spends}::text[], ${atMs})`.execute(trx);
};

/** approved -> signed. */
export const storeSigned = (
  db: Kysely<Schema>,
  batchId: bigint,
  transaction: SignedTransaction,
  atMs: number,
): Promise<void> =>
  db.transaction().execute(async (trx) => {
    const batch = await lockBatch(trx, batchId);
    requireState(batch, ['approved']);
    await requireFreeSpends(trx, batch, transaction);
    await insertTransaction(trx, batch, transaction, atMs);
    await setState(trx, batch, { state: 'signed', atMs });
  });

/** Of a batch that is out; `stuck` is the newest that it has, or somebody else has replaced that. */
export const storeReplacement = (
  db: Kysely<Schema>,
  batchId: bigint,
  stuck: Pick<SignedTransaction, 'txid'>,
  transaction: SignedTransaction,
  atMs: number,
): Promise<void> =>
  db.transaction().execute(async (trx) => {
    const batch = await lockBatch(trx, batchId);
    requireState(batch, ['broadcast']);
    const { rows } = await sql<{ txid: string }>`
      SELECT txid FROM payout_transaction WHERE batch_id = ${batchId} ORDER BY id DESC LIMIT 1`.execute(trx);
    if (rows[0]?.txid !== stuck.txid) {
      throw new LedgerError('PAYOUT_STATE', `${stuck.txid} of batch ${batchId} was replaced already`);
    }
    await requireFreeSpends(trx, batch, transaction);
    await requireReplacement(trx, batch, transaction);
    await insertTransaction(trx, batch, transaction, atMs);
  });

/** signed -> broadcast, and the same of a replacement: whatever happens now, it may be anywhere. */
export const handOver = (db: Kysely<Schema>, batchId: bigint, txid: string, atMs: number): Promise<void> =>
  db.transaction().execute(async (trx) => {
    const batch = await lockBatch(trx, batchId);
    requireState(batch, ['signed', 'broadcast', 'conflicted']);
    await sql`
      UPDATE payout_transaction SET handed_over_at_ms = ${atMs}
       WHERE batch_id = ${batchId} AND txid = ${txid} AND handed_over_at_ms IS NULL`.execute(trx);
    if (batch.state === 'signed') await setState(trx, batch, { state: 'broadcast', atMs });
  });

/** Signed for batches that were cancelled before anybody else saw it: what it spends can be given back. */
export const unreleased = async (
  db: Kysely<Schema>,
  chain: PayoutChain,
): Promise<readonly (SignedTransaction & { readonly batchId: bigint })[]> => {
  const { rows } = await sql<{
    batch_id: string;
    txid: string;
    raw: string;
    fee: string;
    spends: string[];
  }>`
    SELECT own.batch_id, own.txid, own.raw, own.fee, own.spends
      FROM payout_transaction own JOIN payout_batch batch ON batch.id = own.batch_id
     WHERE ${chainClause(chain)} AND batch.state = 'cancelled'
       AND own.handed_over_at_ms IS NULL AND own.released_at_ms IS NULL`.execute(db);
  return rows.map(({ batch_id, txid, raw, fee, spends }) => ({
    batchId: BigInt(batch_id),
    txid,
    raw,
    feeAtomic: BigInt(fee),
    spends,
  }));
};

export const markReleased = async (
  db: Kysely<Schema>,
  batchId: bigint,
  txid: string,
  atMs: number,
): Promise<void> => {
  await sql`
    UPDATE payout_transaction SET released_at_ms = ${atMs}
     WHERE batch_id = ${batchId} AND txid = ${txid} AND handed_over_at_ms IS NULL`.execute(db);
};
