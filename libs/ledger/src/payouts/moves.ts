/** What the engine or a person decides about a batch before the network has a say in it, and the way back. */
import { type Kysely, sql, type Transaction } from 'kysely';
import { type ActedBy, byHand, recordAudit } from '../audit/append.ts';
import { LedgerError } from '../ledger/errors.ts';
import { post, reverse } from '../ledger/journal.ts';
import type { Schema } from '../schema.ts';
import { type LockedBatch, lockBatch, type PayoutChain, requireState, setState } from './rows.ts';

/** By a person: who and why; undefined: the engine by its rules. */
export interface Decision {
  readonly by?: ActedBy;
  readonly atMs: number;
  readonly note?: string;
}

const record = async (
  trx: Transaction<Schema>,
  batch: LockedBatch,
  action: string,
  { by, atMs }: Decision,
): Promise<void> => {
  if (by === undefined) return;
  const what = { atMs, action: `payout.${action}`, target: `payout batch ${batch.id}` };
  const facts = { state: batch.state, net: batch.netAtomic.toString(), coin: batch.coin };
  await recordAudit(trx, byHand(by, what, facts));
};

/** planned or awaiting_approval -> approved. What waits for a person is approved by a person only. */
export const approve = (db: Kysely<Schema>, batchId: bigint, decision: Decision): Promise<void> =>
  db.transaction().execute(async (trx) => {
    const batch = await lockBatch(trx, batchId);
    requireState(batch, decision.by === undefined ? ['planned'] : ['planned', 'awaiting_approval']);
    await setState(trx, batch, { state: 'approved', atMs: decision.atMs });
    await record(trx, batch, 'approve', decision);
  });

/** planned -> awaiting_approval. */
export const awaitApproval = (db: Kysely<Schema>, batchId: bigint, decision: Decision): Promise<void> =>
  db.transaction().execute(async (trx) => {
    const batch = await lockBatch(trx, batchId);
    requireState(batch, ['planned']);
    const { atMs, note = 'above the limit' } = decision;
    await setState(trx, batch, { state: 'awaiting_approval', atMs, note });
  });

export const standingPayoutEntry = async (
  trx: Transaction<Schema>,
  batchId: bigint,
  kind: 'payout_planned' | 'payout_confirmed',
): Promise<bigint> => {
  const { rows } = await sql<{ id: string }>`
    SELECT entry.id FROM journal_entry entry
     WHERE entry.payout_batch_id = ${batchId} AND entry.kind = ${kind}
       AND NOT EXISTS (SELECT FROM journal_entry later WHERE later.reverses = entry.id)`.execute(trx);
  const [entry] = rows;
  if (entry !== undefined && rows.length === 1) return BigInt(entry.id);
  throw new LedgerError('LEDGER_INCONSISTENT', `payout batch ${batchId} has ${rows.length} entries ${kind}`);
};

interface Depth {
  readonly blockers: string;
  readonly lost_fee: string;
}

/**
 * Nothing of the batch can ever confirm: it was never handed over, or something else that spends the same is so deep
 * in the chain that this does not change. The fee of what was in the chain without effect is gone.
 */
const requireVoid = async (
  trx: Transaction<Schema>,
  { id, state }: LockedBatch,
  finalConfirmations: number,
): Promise<bigint> => {
  const { rows } = await sql<Depth>`
    SELECT count(*) FILTER (WHERE NOT (standing IN ('conflicted', 'failed') AND confirmations >= ${finalConfirmations}))
             AS blockers,
           coalesce(sum(chain_fee) FILTER (WHERE standing = 'failed'), 0) AS lost_fee
      FROM payout_transaction WHERE batch_id = ${id} AND handed_over_at_ms IS NOT NULL`.execute(trx);
  const [found] = rows;
  if (found === undefined || found.blockers !== '0') {
    throw new LedgerError(
      'PAYOUT_STATE',
      `batch ${id} is ${state} and may still be paid: what it was signed for can confirm until something else ` +
        `that spends the same is ${finalConfirmations} blocks deep`,
    );
  }
  return BigInt(found.lost_fee);
};

const CANCELLABLE = ['planned', 'awaiting_approval', 'approved', 'signed', 'conflicted'] as const;

/** The miners are owed again what the batch took. Refused while anything of it may still confirm. */
export const cancel = (
  db: Kysely<Schema>,
  batchId: bigint,
  finalConfirmations: number,
  decision: Decision,
): Promise<void> =>
  db.transaction().execute(async (trx) => {
    const batch = await lockBatch(trx, batchId);
    requireState(batch, CANCELLABLE);
    const lostFee = await requireVoid(trx, batch, finalConfirmations);
    const { poolId, coin } = batch;
    const { atMs, note } = decision;
    const reverses = await standingPayoutEntry(trx, batchId, 'payout_planned');
    await reverse(trx, { poolId, kind: 'payout_cancelled', payoutBatchId: batchId, atMs, reverses });
    if (lostFee > 0n) {
      await post(trx, { poolId, kind: 'payout_fee_lost', payoutBatchId: batchId, atMs }, coin, [
        { kind: 'wallet', address: '', amount: -lostFee },
        { kind: 'operator_network_fee', address: '', amount: lostFee },
      ]);
    }
    const change = { state: 'cancelled', atMs, isSettled: true } as const;
    await setState(trx, batch, note === undefined ? change : { ...change, note });
    await record(trx, batch, 'cancel', decision);
  });

/** Has the engine look and send again at once. It never signs anew: what was signed may be anywhere. */
export const retry = (db: Kysely<Schema>, batchId: bigint, decision: Decision): Promise<void> =>
  db.transaction().execute(async (trx) => {
    const batch = await lockBatch(trx, batchId);
    requireState(batch, ['approved', 'signed', 'broadcast', 'conflicted']);
    await sql`UPDATE payout_transaction SET looked_at_ms = NULL WHERE batch_id = ${batchId}`.execute(trx);
    await sql`UPDATE payout_batch SET note = NULL WHERE id = ${batchId}`.execute(trx);
    await record(trx, batch, 'retry', decision);
  });

/** Has the engine plan at its next look instead of an interval after the last time. */
export const planSoon = (
  db: Kysely<Schema>,
  { pool, coin }: PayoutChain,
  { by, atMs }: Required<Pick<Decision, 'by' | 'atMs'>>,
): Promise<void> =>
  db.transaction().execute(async (trx) => {
    await sql`
      UPDATE payout_wallet SET planned_at_ms = NULL
       WHERE pool_id = (SELECT id FROM pool WHERE name = ${pool}) AND coin = ${coin}`.execute(trx);
    await recordAudit(trx, byHand(by, { atMs, action: 'payout.plan', target: `payouts of ${pool}/${coin}` }));
  });

/** Why a batch stands where it stands, for `payouts list`; the same note again changes nothing. */
export const noteBatch = async (db: Kysely<Schema>, batchId: bigint, note: string): Promise<void> => {
  await sql`
    UPDATE payout_batch SET note = ${note} WHERE id = ${batchId} AND note IS DISTINCT FROM ${note}`.execute(
    db,
  );
};
