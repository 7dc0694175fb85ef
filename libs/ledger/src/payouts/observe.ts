/**
 * What the chain says of a batch that is out, and the journal entries that follow from it. A confirmation is taken
 * back by its mirror image when a reorg takes the transaction out, until it is so deep that none is expected.
 */
import { type BatchVerdict, type Depths, judgeBatch, type LookedAt } from '@otedama/payouts';
import { type Kysely, sql, type Transaction } from 'kysely';
import { type Posting, post, reverse } from '../ledger/journal.ts';
import type { PayoutState, Schema } from '../schema.ts';
import { standingPayoutEntry } from './moves.ts';
import { type LockedBatch, lockBatch, setState } from './rows.ts';

export interface Observation {
  readonly batchId: bigint;
  /** Of every transaction of the batch that was handed over. */
  readonly looks: readonly LookedAt[];
  readonly depths: Depths;
  readonly atMs: number;
}

const storeLooks = async (trx: Transaction<Schema>, { batchId, looks, atMs }: Observation): Promise<void> => {
  for (const { txid, standing } of looks) {
    const confirmations = 'confirmations' in standing ? standing.confirmations : 0;
    const fee = 'feeAtomic' in standing ? standing.feeAtomic : null;
    await sql`
      UPDATE payout_transaction
         SET standing = ${standing.kind}, confirmations = ${confirmations}, chain_fee = ${fee}::numeric, looked_at_ms = ${atMs}
       WHERE batch_id = ${batchId} AND txid = ${txid}`.execute(trx);
  }
};

interface DebitRow {
  readonly address: string;
  readonly gross: string;
}

/** What left the wallet, out of what was planned; the rest is the fee, or what an estimate of it was off by. */
const confirm = async (
  trx: Transaction<Schema>,
  { id, poolId, coin, netAtomic }: LockedBatch,
  feeAtomic: bigint,
  atMs: number,
): Promise<void> => {
  const { rows } = await sql<DebitRow>`
    SELECT account.address, debit.gross FROM payout_debit debit JOIN account ON account.id = debit.account_id
     WHERE debit.batch_id = ${id}`.execute(trx);
  const paid = rows.map(({ address, gross }): Posting => ({
    kind: 'miner_paying',
    address,
    amount: BigInt(gross),
  }));
  const grossAtomic = paid.reduce((sum, { amount }) => sum + amount, 0n);
  const leftAtomic = netAtomic + feeAtomic;
  await post(trx, { poolId, kind: 'payout_confirmed', payoutBatchId: id, atMs }, coin, [
    ...paid,
    { kind: 'wallet', address: '', amount: -leftAtomic },
    { kind: 'operator_network_fee', address: '', amount: leftAtomic - grossAtomic },
  ]);
};

/** The transaction by which the batch is booked as paid. */
const bookedTxid = async (trx: Transaction<Schema>, { id }: LockedBatch): Promise<string | undefined> => {
  const { rows } = await sql<{ txid: string }>`
    SELECT txid FROM payout_transaction WHERE batch_id = ${id} AND standing = 'confirmed'`.execute(trx);
  return rows[0]?.txid;
};

const NOTE_VOID =
  'something else spends what it spends; it stays planned until that is final: see payouts cancel';

/** Where the batch goes from `broadcast` or `conflicted`. */
const advance = async (
  trx: Transaction<Schema>,
  batch: LockedBatch,
  verdict: BatchVerdict,
  atMs: number,
): Promise<PayoutState> => {
  if (verdict.kind === 'paid' && verdict.isDeep) {
    await confirm(trx, batch, verdict.feeAtomic, atMs);
    await setState(trx, batch, { state: 'confirmed', atMs, isSettled: verdict.isFinal });
    return 'confirmed';
  }
  const state = verdict.kind === 'void' ? 'conflicted' : 'broadcast';
  if (state !== batch.state) {
    await setState(trx, batch, state === 'conflicted' ? { state, atMs, note: NOTE_VOID } : { state, atMs });
  }
  return state;
};

/** Where it is now. Of a batch that is not out nothing changes. */
export const observe = (db: Kysely<Schema>, observation: Observation): Promise<PayoutState> =>
  db.transaction().execute(async (trx) => {
    const { batchId, looks, depths, atMs } = observation;
    const batch = await lockBatch(trx, batchId);
    if (!['broadcast', 'confirmed', 'conflicted'].includes(batch.state)) return batch.state;
    const before = batch.state === 'confirmed' ? await bookedTxid(trx, batch) : undefined;
    await storeLooks(trx, observation);
    const verdict = judgeBatch(looks, depths);
    if (batch.state !== 'confirmed') return advance(trx, batch, verdict, atMs);
    if (verdict.kind === 'paid' && verdict.txid === before) {
      if (verdict.isFinal) await setState(trx, batch, { state: 'confirmed', atMs, isSettled: true });
      return 'confirmed';
    }
    const reverses = await standingPayoutEntry(trx, batchId, 'payout_confirmed');
    const { poolId } = batch;
    await reverse(trx, { poolId, kind: 'payout_unconfirmed', payoutBatchId: batchId, atMs, reverses });
    return advance(trx, batch, verdict, atMs);
  });
