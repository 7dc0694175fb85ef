/** The proof that the books are right: what we hold is what we owe, coin by coin, and every sum has its parts. */
import { type Kysely, sql, type Transaction } from 'kysely';
import { wrongPayouts } from '../payouts/prove-payouts.ts';
import type { Schema } from '../schema.ts';

export interface CoinProof {
  readonly coin: string;
  readonly assetsAtomic: bigint;
  /** What is owed to miners, and what is the operator's own. */
  readonly liabilitiesAtomic: bigint;
}

export interface Proof {
  readonly ok: boolean;
  readonly coins: readonly CoinProof[];
  /** A sentence for each thing that is wrong. */
  readonly problems: readonly string[];
}

const ASSETS = ['coinbase_immature', 'wallet'];

const coinProofs = async (trx: Transaction<Schema>): Promise<CoinProof[]> => {
  const { rows } = await sql<{ coin: string; assets: string; liabilities: string }>`
    SELECT account.coin,
           coalesce(sum(posting.amount) FILTER (WHERE account.kind = ANY(${ASSETS}::text[])), 0) AS assets,
           coalesce(-sum(posting.amount) FILTER (WHERE account.kind <> ALL(${ASSETS}::text[])), 0) AS liabilities
      FROM posting JOIN account ON account.id = posting.account_id
     GROUP BY account.coin ORDER BY account.coin`.execute(trx);
  return rows.map(({ coin, assets, liabilities }) => ({
    coin,
    assetsAtomic: BigInt(assets),
    liabilitiesAtomic: BigInt(liabilities),
  }));
};

/** Balances that are kept must equal the postings they sum up. */
const wrongBalances = async (trx: Transaction<Schema>): Promise<string[]> => {
  const { rows } = await sql<{ id: string; kept: string; posted: string }>`
    SELECT account.id, coalesce(kept.balance, 0) AS kept, coalesce(posted.amount, 0) AS posted
      FROM account
      LEFT JOIN account_balance kept ON kept.account_id = account.id
      LEFT JOIN (SELECT account_id, sum(amount) AS amount FROM posting GROUP BY account_id) posted
        ON posted.account_id = account.id
     WHERE coalesce(kept.balance, 0) <> coalesce(posted.amount, 0)
     ORDER BY account.id LIMIT 100`.execute(trx);
  return rows.map(({ id, kept, posted }) => `account ${id} shows ${kept} and has postings of ${posted}`);
};

const wrongEntries = async (trx: Transaction<Schema>): Promise<string[]> => {
  const { rows } = await sql<{ id: string; coin: string; off: string }>`
    SELECT posting.entry_id AS id, account.coin, sum(posting.amount) AS off
      FROM posting JOIN account ON account.id = posting.account_id
     GROUP BY posting.entry_id, account.coin HAVING sum(posting.amount) <> 0
     ORDER BY posting.entry_id LIMIT 100`.execute(trx);
  return rows.map(({ id, coin, off }) => `entry ${id} is off by ${off} ${coin}`);
};

/** The blocks that have not matured are what the immature coinbase is made of. */
const wrongBlocks = async (trx: Transaction<Schema>): Promise<string[]> => {
  const { rows } = await sql<{ name: string; coin: string; blocks: string; booked: string }>`
    WITH expected AS (
      SELECT pool_id, coin, coalesce(sum(reward - paid_in_coinbase) FILTER (WHERE state = 'immature'), 0) AS reward
        FROM block GROUP BY pool_id, coin
    )
    SELECT pool.name, expected.coin, expected.reward AS blocks, coalesce(kept.balance, 0) AS booked
      FROM expected JOIN pool ON pool.id = expected.pool_id
      LEFT JOIN account ON account.pool_id = expected.pool_id AND account.coin = expected.coin
       AND account.kind = 'coinbase_immature'
      LEFT JOIN account_balance kept ON kept.account_id = account.id
     WHERE expected.reward <> coalesce(kept.balance, 0)`.execute(trx);
  return rows.map(
    ({ name, coin, blocks, booked }) =>
      `pool ${name} has immature blocks of ${blocks} ${coin} and an immature coinbase of ${booked}`,
  );
};

/** Looks at one moment of the books, whatever is written meanwhile. */
export const prove = (db: Kysely<Schema>): Promise<Proof> =>
  db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (trx) => {
      const coins = await coinProofs(trx);
      const unequal = coins
        .filter(({ assetsAtomic, liabilitiesAtomic }) => assetsAtomic !== liabilitiesAtomic)
        .map((c) => `${c.coin}: assets of ${c.assetsAtomic} and liabilities of ${c.liabilitiesAtomic}`);
      const problems = [
        ...unequal,
        ...(await wrongEntries(trx)),
        ...(await wrongBalances(trx)),
        ...(await wrongBlocks(trx)),
        ...(await wrongPayouts(trx)),
      ];
      return { ok: problems.length === 0, coins, problems };
    });
