/** What one address is owed and has been paid, by pool and coin, and from what balance on it is paid. */
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';
import type { StatementBalance } from './statement.ts';

export interface MinerBalance extends StatementBalance {
  /** What the miner has wished, if anything. */
  readonly wish: { readonly minimumAtomic: bigint; readonly by: 'login' | 'signature' } | undefined;
}

interface Row {
  readonly pool: string;
  readonly coin: string;
  readonly immature: string;
  readonly matured: string;
  readonly paying: string;
  readonly paid: string;
  readonly minimum: string | null;
  readonly source: 'login' | 'signature' | null;
}

/**
 * The same as the statement of the address says, without adding up its whole history: balances are kept by account,
 * and what was paid stands in few of its postings, which payouts and coinbases lead to.
 */
export const minerBalances = async (
  db: Kysely<Schema>,
  pools: readonly string[],
  address: string,
): Promise<readonly MinerBalance[]> => {
  const { rows } = await sql<Row>`
    WITH own AS (
      SELECT account.id, account.pool_id, account.coin, account.kind, coalesce(-kept.balance, 0) AS owed
        FROM account LEFT JOIN account_balance kept ON kept.account_id = account.id
       WHERE account.address = ${address}
    ), paid AS (
      SELECT own.pool_id, own.coin, posting.amount
        FROM own JOIN posting ON posting.account_id = own.id JOIN journal_entry entry ON entry.id = posting.entry_id
       WHERE own.kind = 'miner_paying' AND entry.kind IN ('payout_confirmed', 'payout_unconfirmed')
      UNION ALL
      SELECT own.pool_id, own.coin, posting.amount
        FROM coinbase_payment output JOIN journal_entry entry ON entry.block_id = output.block_id
        JOIN posting ON posting.entry_id = entry.id JOIN own ON own.id = posting.account_id
       WHERE output.address = ${address} AND entry.kind IN ('coinbase_paid', 'coinbase_unpaid')
    )
    SELECT pool.name AS pool, own.coin,
           coalesce(sum(own.owed) FILTER (WHERE own.kind = 'miner_immature'), 0) AS immature,
           coalesce(sum(own.owed) FILTER (WHERE own.kind = 'miner_matured'), 0) AS matured,
           coalesce(sum(own.owed) FILTER (WHERE own.kind = 'miner_paying'), 0) AS paying,
           (SELECT coalesce(sum(amount), 0) FROM paid
             WHERE paid.pool_id = own.pool_id AND paid.coin = own.coin) AS paid,
           wish.minimum, wish.source
      FROM own JOIN pool ON pool.id = own.pool_id
      LEFT JOIN payout_setting wish
             ON wish.pool_id = own.pool_id AND wish.coin = own.coin AND wish.address = ${address}
     WHERE pool.name = ANY(${pools}::text[])
     GROUP BY pool.name, own.pool_id, own.coin, wish.minimum, wish.source
     ORDER BY pool.name, own.coin`.execute(db);
  return rows.map((row) => ({
    poolId: row.pool,
    coin: row.coin,
    immatureAtomic: BigInt(row.immature),
    maturedAtomic: BigInt(row.matured),
    payingAtomic: BigInt(row.paying),
    paidAtomic: BigInt(row.paid),
    wish:
      row.minimum === null || row.source === null
        ? undefined
        : { minimumAtomic: BigInt(row.minimum), by: row.source },
  }));
};
