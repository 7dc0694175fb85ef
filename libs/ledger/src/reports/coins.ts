/** Blocks and money of each pool by coin: its own, and those mined below it. */
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';

export interface CoinReport {
  readonly coin: string;
  readonly blocks: {
    /** Taken by a daemon, whatever became of them. */
    readonly accepted: number;
    readonly matured: number;
    readonly orphaned: number;
    readonly rejected: number;
  };
  /** Credited to miners and operator. */
  readonly immatureAtomic: bigint;
  readonly maturedAtomic: bigint;
}

interface CoinRow {
  readonly pool: string;
  readonly coin: string;
  readonly accepted: string | null;
  readonly matured: string | null;
  readonly orphaned: string | null;
  readonly rejected: string | null;
  readonly owed_immature: string | null;
  readonly owed_matured: string | null;
}

const IMMATURE = ['miner_immature', 'operator_fee_immature'];
const MATURED = ['miner_matured', 'operator_fee_matured'];

const toReport = (row: CoinRow): CoinReport => ({
  coin: row.coin,
  blocks: {
    accepted: Number(row.accepted ?? 0),
    matured: Number(row.matured ?? 0),
    orphaned: Number(row.orphaned ?? 0),
    rejected: Number(row.rejected ?? 0),
  },
  immatureAtomic: BigInt(row.owed_immature ?? 0),
  maturedAtomic: BigInt(row.owed_matured ?? 0),
});

/** By name of the pool; a coin without any block has no entry. */
export const reportCoins = async (
  db: Kysely<Schema>,
): Promise<ReadonlyMap<string, readonly CoinReport[]>> => {
  const { rows } = await sql<CoinRow>`
    WITH found AS (
      SELECT pool_id, coin,
             count(*) FILTER (WHERE state <> 'rejected') AS accepted,
             count(*) FILTER (WHERE state = 'matured') AS matured,
             count(*) FILTER (WHERE state = 'orphaned') AS orphaned,
             count(*) FILTER (WHERE state = 'rejected') AS rejected
        FROM block GROUP BY pool_id, coin
    ), owed AS (
      SELECT account.pool_id, account.coin,
             -sum(kept.balance) FILTER (WHERE account.kind = ANY(${IMMATURE}::text[])) AS owed_immature,
             -sum(kept.balance) FILTER (WHERE account.kind = ANY(${MATURED}::text[])) AS owed_matured
        FROM account JOIN account_balance kept ON kept.account_id = account.id
       GROUP BY account.pool_id, account.coin
    )
    SELECT pool.name AS pool, found.*, owed.owed_immature, owed.owed_matured
      FROM found LEFT JOIN owed USING (pool_id, coin) JOIN pool ON pool.id = found.pool_id
     ORDER BY pool.name, found.coin`.execute(db);
  const byPool = new Map<string, CoinReport[]>();
  for (const row of rows) byPool.set(row.pool, [...(byPool.get(row.pool) ?? []), toReport(row)]);
  return byPool;
};
