/** What the books say that each pool holds, by coin. */
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';

export interface Assets {
  readonly poolId: string;
  readonly coin: string;
  readonly immatureAtomic: bigint;
  readonly walletAtomic: bigint;
}

export const reportAssets = async (db: Kysely<Schema>): Promise<readonly Assets[]> => {
  const { rows } = await sql<{ pool: string; coin: string; immature: string; wallet: string }>`
    SELECT pool.name AS pool, account.coin,
           coalesce(sum(kept.balance) FILTER (WHERE account.kind = 'coinbase_immature'), 0) AS immature,
           coalesce(sum(kept.balance) FILTER (WHERE account.kind = 'wallet'), 0) AS wallet
      FROM account JOIN account_balance kept ON kept.account_id = account.id
      JOIN pool ON pool.id = account.pool_id
     GROUP BY pool.name, account.coin ORDER BY pool.name, account.coin`.execute(db);
  return rows.map(({ pool, coin, immature, wallet }) => ({
    poolId: pool,
    coin,
    immatureAtomic: BigInt(immature),
    walletAtomic: BigInt(wallet),
  }));
};
