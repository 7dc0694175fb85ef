/**
 * What has left for the miners of a pool, in its own coin, by pages with their totals as front ends want them: payments,
 * payments by day, and how a balance came about. Nobody pages to the end of a long history: totals stop at a bound,
 * which bounds the work of the deepest page as well.
 */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { PayoutState, Schema } from '../schema.ts';
import type { Page } from './workers.ts';

/** More payments than one miner gets in a day. */
const MAX_LATELY = 1_000;

/** A payout is out of our hands from here on. */
export const SENT_STATES: readonly PayoutState[] = ['broadcast', 'confirmed'];

/** Entries that are counted, and that can be paged to. */
export const MAX_COUNTED = 10_000;

export interface PaidFilter {
  readonly pool: string;
  readonly coin: string;
  /** Undefined: everybody. */
  readonly address?: string | undefined;
}

/** One page, and how many entries there are, up to `MAX_COUNTED`. */
export interface Counted<Item> {
  readonly total: number;
  readonly items: readonly Item[];
}

export interface PaidReport {
  readonly address: string;
  readonly amountAtomic: bigint;
  readonly txid: string;
  readonly atMs: number;
}

interface PaidRow {
  readonly address: string;
  readonly amount: string;
  readonly txid: string;
  readonly at_ms: string;
}

/** The newest `bound` of both kinds; a payout counts from when it was handed over. */
const sentTo = ({ pool, coin, address }: PaidFilter, bound: number): RawBuilder<PaidRow> => {
  const owner = address ?? null;
  return sql<PaidRow>`(
    (SELECT payee.address, payee.amount, own.txid, own.handed_over_at_ms AS at_ms, batch.id, payee.ordinal
       FROM pool JOIN payout_batch batch ON batch.pool_id = pool.id JOIN payout_payee payee ON payee.batch_id = batch.id
      CROSS JOIN LATERAL (
        SELECT txid, handed_over_at_ms FROM payout_transaction
         WHERE batch_id = batch.id AND handed_over_at_ms IS NOT NULL
         ORDER BY standing = 'confirmed' DESC, id DESC LIMIT 1
      ) own
      WHERE pool.name = ${pool} AND batch.coin = ${coin} AND batch.state = ANY(${SENT_STATES}::text[])
        AND (${owner}::text IS NULL OR payee.address = ${owner})
      ORDER BY batch.id DESC, payee.ordinal LIMIT ${bound})
    UNION ALL
    (SELECT output.address, output.amount, block.coinbase_txid, block.found_at_ms, block.id, output.ordinal
       FROM pool JOIN block ON block.pool_id = pool.id JOIN coinbase_payment output ON output.block_id = block.id
      WHERE pool.name = ${pool} AND block.coin = ${coin} AND block.state IN ('immature', 'matured')
        AND (${owner}::text IS NULL OR output.address = ${owner})
      ORDER BY block.id DESC, output.ordinal LIMIT ${bound})
  )`;
};

const toPaid = ({ address, amount, txid, at_ms }: PaidRow): PaidReport => ({
  address,
  amountAtomic: BigInt(amount),
  txid,
  atMs: Number(at_ms),
});

export const countOf = async (db: Kysely<Schema>, rows: RawBuilder<unknown>): Promise<number> => {
  const counted = await sql<{ total: number }>`
    SELECT count(*)::integer AS total FROM (SELECT 1 FROM ${rows} entry LIMIT ${MAX_COUNTED}) counted`.execute(
    db,
  );
  return counted.rows[0]?.total ?? 0;
};

/** Newest first. */
export const reportPaid = async (
  db: Kysely<Schema>,
  filter: PaidFilter,
  { limit, offset }: Page,
): Promise<Counted<PaidReport>> => {
  const { rows } = await sql<PaidRow>`
    SELECT address, amount, txid, at_ms FROM ${sentTo(filter, offset + limit)} sent
     ORDER BY at_ms DESC, id DESC, ordinal LIMIT ${limit} OFFSET ${offset}`.execute(db);
  return { total: await countOf(db, sentTo(filter, MAX_COUNTED)), items: rows.map(toPaid) };
};

export interface LastPaid {
  readonly last: PaidReport | undefined;
  readonly sinceAtomic: bigint;
}

/** The last payment, and what was paid since a moment. */
export const reportLastPaid = async (
  db: Kysely<Schema>,
  filter: PaidFilter,
  sinceMs: number,
): Promise<LastPaid> => {
  const { rows } = await sql<PaidRow & { since: string | null }>`
    SELECT address, amount, txid, at_ms, sum(amount) FILTER (WHERE at_ms >= ${sinceMs}) OVER () AS since
      FROM ${sentTo(filter, MAX_LATELY)} sent ORDER BY at_ms DESC, id DESC, ordinal LIMIT 1`.execute(db);
  const [row] = rows;
  return { last: row && toPaid(row), sinceAtomic: BigInt(row?.since ?? 0) };
};

/** Of what is debited to a miner for payouts, the part that has left and that the chain has not confirmed. */
export const reportInTransit = async (
  db: Kysely<Schema>,
  { pool, coin, address }: Required<PaidFilter>,
): Promise<bigint> => {
  const { rows } = await sql<{ gross: string }>`
    SELECT coalesce(sum(payee.gross), 0) AS gross
      FROM pool JOIN payout_batch batch ON batch.pool_id = pool.id JOIN payout_payee payee ON payee.batch_id = batch.id
     WHERE pool.name = ${pool} AND batch.coin = ${coin} AND batch.state = 'broadcast' AND batch.settled_at_ms IS NULL
       AND payee.address = ${address ?? ''}`.execute(db);
  return BigInt(rows[0]?.gross ?? 0);
};

export interface PaidDay {
  /** Midnight in UTC. */
  readonly dayMs: number;
  readonly amountAtomic: bigint;
}

const DAY_MS = 86_400_000;

const paidDays = (filter: PaidFilter): RawBuilder<{ day: string; amount: string }> => sql`(
  SELECT at_ms / ${DAY_MS}::bigint * ${DAY_MS}::bigint AS day, sum(amount) AS amount
    FROM ${sentTo(filter, MAX_COUNTED)} sent GROUP BY day)`;

/** The last day first; days without a payment are left out. */
export const reportPaidDays = async (
  db: Kysely<Schema>,
  filter: PaidFilter,
  { limit, offset }: Page,
): Promise<Counted<PaidDay>> => {
  const { rows } = await sql<{ day: string; amount: string }>`
    SELECT day, amount FROM ${paidDays(filter)} days ORDER BY day DESC LIMIT ${limit} OFFSET ${offset}`.execute(
    db,
  );
  return {
    total: await countOf(db, paidDays(filter)),
    items: rows.map(({ day, amount }) => ({ dayMs: Number(day), amountAtomic: BigInt(amount) })),
  };
};

export interface BalanceChange {
  readonly kind: string;
  readonly atMs: number;
  /** Positive is owed more. */
  readonly amountAtomic: bigint;
  /** Of the block that it comes from. */
  readonly height: number | undefined;
}

interface ChangeRow {
  readonly kind: string;
  readonly at_ms: string;
  readonly amount: string;
  readonly height: number | null;
}

/** Of what a miner can be paid, newest first. */
export const reportBalanceChanges = async (
  db: Kysely<Schema>,
  { pool, coin, address }: Required<PaidFilter>,
  { limit, offset }: Page,
): Promise<Counted<BalanceChange>> => {
  const postings = sql`(
    SELECT posting.entry_id, posting.amount
      FROM pool JOIN account ON account.pool_id = pool.id JOIN posting ON posting.account_id = account.id
     WHERE pool.name = ${pool} AND account.coin = ${coin} AND account.kind = 'miner_matured'
       AND account.address = ${address ?? ''})`;
  const { rows } = await sql<ChangeRow>`
    SELECT entry.kind, entry.at_ms, -page.amount AS amount, block.height
      FROM (SELECT * FROM ${postings} own ORDER BY entry_id DESC LIMIT ${limit} OFFSET ${offset}) page
      JOIN journal_entry entry ON entry.id = page.entry_id LEFT JOIN block ON block.id = entry.block_id
     ORDER BY entry.id DESC`.execute(db);
  return {
    total: await countOf(db, postings),
    items: rows.map(({ kind, at_ms, amount, height }) => ({
      kind,
      atMs: Number(at_ms),
      amountAtomic: BigInt(amount),
      height: height ?? undefined,
    })),
  };
};
