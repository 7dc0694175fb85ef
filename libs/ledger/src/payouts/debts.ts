/** What is owed and may be paid: what a planning starts from. */
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';
import { chainClause, type PayoutChain } from './rows.ts';

export interface Debt {
  /** As the books spell it. */
  readonly account: string;
  readonly owedAtomic: bigint;
  /** Time of the first credit since the last payout. */
  readonly owedSinceMs: number;
  /** The miner's own wish; undefined: none. */
  readonly minimumAtomic: bigint | undefined;
}

interface Row {
  readonly address: string;
  readonly owed: string;
  readonly since: string;
  readonly minimum: string | null;
}

export const readDebts = async (
  db: Kysely<Schema>,
  { pool, coin }: PayoutChain,
): Promise<readonly Debt[]> => {
  const { rows } = await sql<Row>`
    SELECT account.address, -kept.balance AS owed, coalesce(entry.at_ms, 0) AS since, setting.minimum
      FROM account
      JOIN pool ON pool.id = account.pool_id
      JOIN account_balance kept ON kept.account_id = account.id
      LEFT JOIN payout_setting setting ON setting.pool_id = account.pool_id AND setting.coin = account.coin
       AND setting.address = account.address
      LEFT JOIN LATERAL (
        SELECT planned.id FROM payout_debit debit
          JOIN payout_batch batch ON batch.id = debit.batch_id AND batch.state <> 'cancelled'
          JOIN journal_entry planned ON planned.payout_batch_id = batch.id AND planned.kind = 'payout_planned'
         WHERE debit.account_id = account.id ORDER BY debit.batch_id DESC LIMIT 1
      ) paid ON true
      LEFT JOIN LATERAL (
        SELECT posting.entry_id FROM posting
         WHERE posting.account_id = account.id AND posting.entry_id > coalesce(paid.id, 0)
         ORDER BY posting.entry_id LIMIT 1
      ) first ON true
      LEFT JOIN journal_entry entry ON entry.id = first.entry_id
     WHERE pool.name = ${pool} AND account.coin = ${coin} AND account.kind = 'miner_matured'
       AND kept.balance < 0
     ORDER BY account.id`.execute(db);
  return rows.map(({ address, owed, since, minimum }) => ({
    account: address,
    owedAtomic: BigInt(owed),
    owedSinceMs: Number(since),
    minimumAtomic: minimum === null ? undefined : BigInt(minimum),
  }));
};

export interface Owed {
  readonly owedAtomic: bigint;
  readonly miners: number;
}

/** All that is owed and may be paid, whatever the minimum of each. */
export const sumDebts = async (db: Kysely<Schema>, { pool, coin }: PayoutChain): Promise<Owed> => {
  const { rows } = await sql<{ owed: string; miners: string }>`
    SELECT coalesce(-sum(kept.balance), 0) AS owed, count(*) AS miners
      FROM account
      JOIN pool ON pool.id = account.pool_id
      JOIN account_balance kept ON kept.account_id = account.id
     WHERE pool.name = ${pool} AND account.coin = ${coin} AND account.kind = 'miner_matured'
       AND kept.balance < 0`.execute(db);
  return { owedAtomic: BigInt(rows[0]?.owed ?? 0), miners: Number(rows[0]?.miners ?? 0) };
};

/** Of batches that were planned since then and not taken back: for a limit by the day. */
export const plannedSince = async (
  db: Kysely<Schema>,
  chain: PayoutChain,
  sinceMs: number,
): Promise<bigint> => {
  const { rows } = await sql<{ gross: string }>`
    SELECT coalesce(sum(gross), 0) AS gross FROM payout_batch batch
     WHERE ${chainClause(chain)} AND planned_at_ms >= ${sinceMs} AND state <> 'cancelled'`.execute(db);
  return BigInt(rows[0]?.gross ?? 0);
};

/** Undefined: never. */
export const lastPlanning = async (
  db: Kysely<Schema>,
  { pool, coin }: PayoutChain,
): Promise<number | undefined> => {
  const { rows } = await sql<{ at: string | null }>`
    SELECT planned_at_ms AS at FROM payout_wallet JOIN pool ON pool.id = pool_id
     WHERE pool.name = ${pool} AND payout_wallet.coin = ${coin}`.execute(db);
  const at = rows[0]?.at;
  return at === undefined || at === null ? undefined : Number(at);
};
