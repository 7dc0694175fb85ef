/**
 * A batch and its journal entry, in one transaction under the lock of its wallet: what is planned is owed no more, so
 * that nothing can plan it again.
 */
import { type Kysely, sql, type Transaction } from 'kysely';
import { LedgerError } from '../ledger/errors.ts';
import { type Posting, post } from '../ledger/journal.ts';
import type { Schema } from '../schema.ts';
import type { PayoutChain } from './rows.ts';

export interface PlannedPayee {
  /** Canonical. */
  readonly address: string;
  readonly amountAtomic: bigint;
  /** By account of the books; together the payee's gross. */
  readonly debits: readonly { readonly account: string; readonly grossAtomic: bigint }[];
}

export interface PlannedBatch {
  readonly feeRule: 'pool' | 'miners';
  readonly payees: readonly PlannedPayee[];
}

const grossOf = ({ debits }: PlannedPayee): bigint =>
  debits.reduce((sum, { grossAtomic }) => sum + grossAtomic, 0n);

const sumOf = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, amount) => sum + amount, 0n);

const lockWallet = async (trx: Transaction<Schema>, { pool, coin }: PayoutChain): Promise<number> => {
  await sql`
    INSERT INTO payout_wallet (pool_id, coin) SELECT id, ${coin} FROM pool WHERE name = ${pool}
    ON CONFLICT DO NOTHING`.execute(trx);
  const { rows } = await sql<{ pool_id: number }>`
    SELECT wallet.pool_id FROM payout_wallet wallet JOIN pool ON pool.id = wallet.pool_id
     WHERE pool.name = ${pool} AND wallet.coin = ${coin} FOR UPDATE OF wallet`.execute(trx);
  const [row] = rows;
  if (row === undefined) throw new LedgerError('LEDGER_POOL_UNKNOWN', `there is no pool ${pool}`);
  return row.pool_id;
};

/** One that is on its way out says what the wallet still has; the next is planned when it is out. */
const requireIdle = async (trx: Transaction<Schema>, poolId: number, coin: string): Promise<void> => {
  const { rows } = await sql<{ id: string; state: string }>`
    SELECT id, state FROM payout_batch
     WHERE pool_id = ${poolId} AND coin = ${coin} AND state IN ('planned', 'approved', 'signed') LIMIT 1`.execute(
    trx,
  );
  const [busy] = rows;
  if (busy !== undefined) {
    throw new LedgerError('PAYOUT_STATE', `batch ${busy.id} is ${busy.state}: the next is planned after it`);
  }
};

interface Debit {
  readonly account: string;
  readonly grossAtomic: bigint;
  readonly ordinal: number;
}

const debitsOf = ({ payees }: PlannedBatch): Debit[] =>
  payees.flatMap(({ debits }, ordinal) => debits.map((debit) => ({ ...debit, ordinal })));

/** Locks the balances and compares them with the plan: between reading debts and this they may have shrunk. */
const requireOwed = async (
  trx: Transaction<Schema>,
  poolId: number,
  coin: string,
  debits: readonly Debit[],
): Promise<void> => {
  const { rows } = await sql<{ address: string; balance: string }>`
    SELECT account.address, kept.balance FROM account JOIN account_balance kept ON kept.account_id = account.id
     WHERE account.pool_id = ${poolId} AND account.coin = ${coin} AND account.kind = 'miner_matured'
       AND account.address = ANY(${debits.map(({ account }) => account)}::text[])
     ORDER BY account.id FOR UPDATE OF kept`.execute(trx);
  const owed = new Map(rows.map(({ address, balance }) => [address, -BigInt(balance)]));
  for (const { account, grossAtomic } of debits) {
    const left = (owed.get(account) ?? 0n) - grossAtomic;
    if (left < 0n || grossAtomic <= 0n) {
      throw new LedgerError('PAYOUT_EXCEEDS_DEBT', `${account} is not owed the ${grossAtomic} of the plan`);
    }
    owed.set(account, left);
  }
};

const insertBatch = async (
  trx: Transaction<Schema>,
  poolId: number,
  coin: string,
  batch: PlannedBatch,
  atMs: number,
): Promise<bigint> => {
  const { payees } = batch;
  const { id } = await trx
    .insertInto('payout_batch')
    .values({
      pool_id: poolId,
      coin,
      state: 'planned',
      fee_rule: batch.feeRule,
      gross: sumOf(payees.map(grossOf)),
      net: sumOf(payees.map(({ amountAtomic }) => amountAtomic)),
      planned_at_ms: BigInt(atMs),
      moved_at_ms: BigInt(atMs),
      settled_at_ms: null,
      note: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await sql`
    INSERT INTO payout_payee (batch_id, ordinal, address, gross, amount)
    SELECT ${id}::bigint, payee.ordinal - 1, payee.address, payee.gross, payee.amount
      FROM unnest(${payees.map(({ address }) => address)}::text[], ${payees.map(grossOf)}::numeric[],
                  ${payees.map(({ amountAtomic }) => amountAtomic)}::numeric[])
           WITH ORDINALITY AS payee (address, gross, amount, ordinal)`.execute(trx);
  const debits = debitsOf(batch);
  await sql`
    INSERT INTO payout_debit (batch_id, ordinal, account_id, gross)
    SELECT ${id}::bigint, debit.ordinal, account.id, debit.gross
      FROM unnest(${debits.map(({ ordinal }) => ordinal)}::integer[], ${debits.map(({ account }) => account)}::text[],
                  ${debits.map(({ grossAtomic }) => grossAtomic)}::numeric[]) AS debit (ordinal, account, gross)
      JOIN account ON account.pool_id = ${poolId} AND account.coin = ${coin}
       AND account.kind = 'miner_matured' AND account.address = debit.account`.execute(trx);
  return BigInt(id);
};

/** The id of the batch, which is `planned`. */
export const planBatch = (
  db: Kysely<Schema>,
  chain: PayoutChain,
  batch: PlannedBatch,
  atMs: number,
): Promise<bigint> =>
  db.transaction().execute(async (trx) => {
    const { coin } = chain;
    const poolId = await lockWallet(trx, chain);
    await requireIdle(trx, poolId, coin);
    const debits = debitsOf(batch);
    await requireOwed(trx, poolId, coin, debits);
    const payoutBatchId = await insertBatch(trx, poolId, coin, batch, atMs);
    const postings = debits.flatMap(({ account: address, grossAtomic }): Posting[] => [
      { kind: 'miner_matured', address, amount: grossAtomic },
      { kind: 'miner_paying', address, amount: -grossAtomic },
    ]);
    await post(trx, { poolId, kind: 'payout_planned', payoutBatchId, atMs }, coin, postings);
    return payoutBatchId;
  });

export interface Refusal {
  readonly account: string;
  readonly code: string;
  readonly reason: string;
  readonly owedAtomic: bigint;
}

/** What a planning came to. */
export interface PlanningResult {
  readonly refusals: readonly Refusal[];
  /** All that was due is planned: the next planning is an interval away. */
  readonly isComplete: boolean;
}

/** Who could not be planned is listed until the next time. */
export const passPlanning = (
  db: Kysely<Schema>,
  chain: PayoutChain,
  { refusals, isComplete }: PlanningResult,
  atMs: number,
): Promise<void> =>
  db.transaction().execute(async (trx) => {
    const poolId = await lockWallet(trx, chain);
    const { coin } = chain;
    if (isComplete) {
      await sql`
        UPDATE payout_wallet SET planned_at_ms = ${atMs} WHERE pool_id = ${poolId} AND coin = ${coin}`.execute(
        trx,
      );
    }
    await sql`DELETE FROM payout_refusal WHERE pool_id = ${poolId} AND coin = ${coin}`.execute(trx);
    await sql`
      INSERT INTO payout_refusal (pool_id, coin, address, code, reason, owed, at_ms)
      SELECT ${poolId}::integer, ${coin}::text, refused.address, refused.code, refused.reason, refused.owed, ${atMs}::bigint
        FROM unnest(${refusals.map(({ account }) => account)}::text[], ${refusals.map(({ code }) => code)}::text[],
                    ${refusals.map(({ reason }) => reason)}::text[],
                    ${refusals.map(({ owedAtomic }) => owedAtomic)}::numeric[])
             AS refused (address, code, reason, owed)`.execute(trx);
  });
