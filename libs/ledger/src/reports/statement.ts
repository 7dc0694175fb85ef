/** What one address has earned and been paid, entry by entry, in all pools. */
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';
import type { Page } from './workers.ts';

export interface StatementBalance {
  readonly poolId: string;
  readonly coin: string;
  readonly immatureAtomic: bigint;
  readonly maturedAtomic: bigint;
  /** In a payout that the chain has not confirmed yet. */
  readonly payingAtomic: bigint;
  readonly paidAtomic: bigint;
}

export interface StatementLine {
  readonly entryId: bigint;
  readonly kind: string;
  readonly atMs: number;
  readonly poolId: string;
  readonly coin: string;
  /** By account of the miner: positive is owed more, negative less. */
  readonly amounts: readonly { readonly account: string; readonly amountAtomic: bigint }[];
  readonly block:
    | {
        readonly height: number;
        readonly hash: string;
        readonly windowFrom: bigint | undefined;
        readonly windowTo: bigint | undefined;
      }
    | undefined;
  readonly payoutBatch: bigint | undefined;
  readonly txids: readonly string[];
  /** Of shares that were paid as they came: the range of the log of shares. */
  readonly shares: { readonly from: bigint; readonly to: bigint } | undefined;
}

const PAID = ['payout_confirmed', 'payout_unconfirmed', 'coinbase_paid', 'coinbase_unpaid'];

interface BalanceRow {
  readonly pool: string;
  readonly coin: string;
  readonly immature: string;
  readonly matured: string;
  readonly paying: string;
  readonly paid: string;
}

export const statementBalances = async (
  db: Kysely<Schema>,
  address: string,
): Promise<readonly StatementBalance[]> => {
  const { rows } = await sql<BalanceRow>`
    SELECT pool.name AS pool, account.coin,
           coalesce(-sum(posting.amount) FILTER (WHERE account.kind = 'miner_immature'), 0) AS immature,
           coalesce(-sum(posting.amount) FILTER (WHERE account.kind = 'miner_matured'), 0) AS matured,
           coalesce(-sum(posting.amount) FILTER (WHERE account.kind = 'miner_paying'), 0) AS paying,
           coalesce(sum(posting.amount) FILTER (WHERE entry.kind = ANY(${PAID}::text[])), 0) AS paid
      FROM account JOIN posting ON posting.account_id = account.id
      JOIN journal_entry entry ON entry.id = posting.entry_id JOIN pool ON pool.id = account.pool_id
     WHERE account.address = ${address}
     GROUP BY pool.name, account.coin ORDER BY pool.name, account.coin`.execute(db);
  return rows.map((row) => ({
    poolId: row.pool,
    coin: row.coin,
    immatureAtomic: BigInt(row.immature),
    maturedAtomic: BigInt(row.matured),
    payingAtomic: BigInt(row.paying),
    paidAtomic: BigInt(row.paid),
  }));
};

interface LineRow {
  readonly id: string;
  readonly kind: string;
  readonly at_ms: string;
  readonly pool: string;
  readonly coin: string;
  readonly amounts: readonly { readonly account: string; readonly amount: string }[];
  readonly height: number | null;
  readonly hash: string | null;
  readonly window_from: string | null;
  readonly window_to: string | null;
  readonly payout: string | null;
  readonly txids: readonly string[];
  readonly shares_from: string | null;
  readonly shares_to: string | null;
}

const whole = (text: string | null): bigint | undefined => (text === null ? undefined : BigInt(text));

const toLine = (row: LineRow): StatementLine => {
  const [from, to] = [whole(row.shares_from), whole(row.shares_to)];
  return {
    entryId: BigInt(row.id),
    kind: row.kind,
    atMs: Number(row.at_ms),
    poolId: row.pool,
    coin: row.coin,
    amounts: row.amounts.map(({ account, amount }) => ({ account, amountAtomic: BigInt(amount) })),
    block:
      row.hash === null || row.height === null
        ? undefined
        : {
            height: row.height,
            hash: row.hash,
            windowFrom: whole(row.window_from),
            windowTo: whole(row.window_to),
          },
    payoutBatch: whole(row.payout),
    txids: row.txids,
    shares: from === undefined || to === undefined ? undefined : { from, to },
  };
};

/** Newest first. */
export const statementLines = async (
  db: Kysely<Schema>,
  address: string,
  { limit, offset }: Page,
): Promise<readonly StatementLine[]> => {
  const { rows } = await sql<LineRow>`
    WITH page AS (
      SELECT posting.entry_id, account.coin,
             json_agg(json_build_object('account', account.kind, 'amount', (-posting.amount)::text)
                      ORDER BY account.kind) AS amounts
        FROM account JOIN posting ON posting.account_id = account.id
       WHERE account.address = ${address}
       GROUP BY posting.entry_id, account.coin
       ORDER BY posting.entry_id DESC LIMIT ${limit} OFFSET ${offset}
    )
    SELECT entry.id, entry.kind, entry.at_ms, pool.name AS pool, page.coin, page.amounts, block.height, block.hash,
           block.window_from, block.window_to, entry.payout_batch_id AS payout,
           bought.from_sequence AS shares_from, bought.to_sequence AS shares_to,
           coalesce((SELECT array_agg(own.txid ORDER BY own.id) FROM payout_transaction own
                      WHERE own.batch_id = entry.payout_batch_id), '{}') AS txids
      FROM page JOIN journal_entry entry ON entry.id = page.entry_id JOIN pool ON pool.id = entry.pool_id
      LEFT JOIN block ON block.id = entry.block_id
      LEFT JOIN share_credit bought ON bought.entry_id = entry.id
     ORDER BY entry.id DESC`.execute(db);
  return rows.map(toLine);
};
