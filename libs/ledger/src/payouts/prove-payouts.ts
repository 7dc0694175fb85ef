/** What the books say of payouts against the outbox itself. */
import { sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';

/** Batches that are neither confirmed nor cancelled are what miners are being paid. */
const wrongPaying = async (trx: Transaction<Schema>): Promise<string[]> => {
  const { rows } = await sql<{ name: string; coin: string; batches: string; booked: string }>`
    WITH planned AS (
      SELECT pool_id, coin, sum(gross) AS batches FROM payout_batch
       WHERE state NOT IN ('confirmed', 'cancelled') GROUP BY pool_id, coin
    ), paying AS (
      SELECT account.pool_id, account.coin, -sum(kept.balance) AS booked
        FROM account JOIN account_balance kept ON kept.account_id = account.id
       WHERE account.kind = 'miner_paying' GROUP BY account.pool_id, account.coin
    )
    SELECT pool.name, amounts.coin, coalesce(batches, 0) AS batches, coalesce(booked, 0) AS booked
      FROM (planned FULL JOIN paying USING (pool_id, coin)) AS amounts JOIN pool ON pool.id = amounts.pool_id
     WHERE coalesce(batches, 0) <> coalesce(booked, 0)`.execute(trx);
  return rows.map(
    ({ name, coin, batches, booked }) =>
      `pool ${name} has payouts of ${batches} ${coin} under way and books ${booked} as being paid`,
  );
};

/** Debits make the gross of a payee, payees those of a batch. */
const wrongBatches = async (trx: Transaction<Schema>): Promise<string[]> => {
  const { rows } = await sql<{ id: string }>`
    SELECT batch.id FROM payout_batch batch
      LEFT JOIN (SELECT batch_id, sum(gross) AS gross, sum(amount) AS net FROM payout_payee GROUP BY batch_id) payee
        ON payee.batch_id = batch.id
      LEFT JOIN (SELECT batch_id, sum(gross) AS gross FROM payout_debit GROUP BY batch_id) debit
        ON debit.batch_id = batch.id
     WHERE (batch.gross, batch.net, batch.gross) IS DISTINCT FROM (payee.gross, payee.net, debit.gross)
     ORDER BY batch.id LIMIT 100`.execute(trx);
  return rows.map(({ id }) => `the payees of payout batch ${id} do not add up to it`);
};

/** A payout that was signed for twice without a spend in common could be paid twice. */
const wrongTransactions = async (trx: Transaction<Schema>): Promise<string[]> => {
  const { rows } = await sql<{ batch_id: string; one: string; other: string }>`
    SELECT one.batch_id, one.txid AS one, other.txid AS other
      FROM payout_transaction one
      JOIN payout_transaction other ON other.batch_id = one.batch_id AND other.id > one.id
     WHERE NOT one.spends && other.spends LIMIT 100`.execute(trx);
  return rows.map(
    ({ batch_id, one, other }) => `${one} and ${other} of payout batch ${batch_id} could both be paid`,
  );
};

export const wrongPayouts = async (trx: Transaction<Schema>): Promise<string[]> => [
  ...(await wrongPaying(trx)),
  ...(await wrongBatches(trx)),
  ...(await wrongTransactions(trx)),
];
