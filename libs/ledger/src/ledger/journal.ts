/**
 * Double-entry bookkeeping. Assets are positive, liabilities and equity negative, every entry adds up to zero
 * (the database checks it) and is never changed: what turns out wrong is taken back by its mirror image.
 */
import { sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';
import { LedgerError } from './errors.ts';

export type AccountKind =
  | 'coinbase_immature'
  | 'wallet'
  | 'miner_immature'
  | 'miner_matured'
  | 'operator_fee_immature'
  | 'operator_fee_matured'
  | 'operator_bankroll_immature'
  | 'operator_bankroll'
  | 'operator_loss'
  /** Planned for a payout, and not confirmed by the chain yet. */
  | 'miner_paying'
  | 'operator_network_fee'
  /** The other side of what an operator corrected by hand. */
  | 'operator_adjustment';

export type EntryKind =
  | 'block_credited'
  | 'block_matured'
  | 'block_orphaned'
  | 'block_unmatured'
  /** Takes back a credit of what was not the true reward; another credit follows. */
  | 'block_revalued'
  /** What the block's own coinbase paid to miners. */
  | 'coinbase_paid'
  | 'coinbase_unpaid'
  /** Shares of an interval, paid out of the operator's bankroll. */
  | 'shares_credited'
  | 'bankroll_funded'
  /** What an orphan would leave a miner owing; returned when the block matures after all. */
  | 'loss_taken'
  | 'loss_returned'
  | 'payout_planned'
  | 'payout_cancelled'
  | 'payout_confirmed'
  | 'payout_unconfirmed'
  /** A transaction that paid nobody took its fee all the same. */
  | 'payout_fee_lost'
  | 'adjusted';

/** Where the money of an account goes when its block matures. */
const MATURED: readonly (readonly [AccountKind, AccountKind])[] = [
  ['coinbase_immature', 'wallet'],
  ['miner_immature', 'miner_matured'],
  ['operator_fee_immature', 'operator_fee_matured'],
  ['operator_bankroll_immature', 'operator_bankroll'],
];

export interface Entry {
  readonly poolId: number;
  readonly kind: EntryKind;
  /** What it is about: a block or a batch of payouts. */
  readonly blockId?: bigint;
  readonly payoutBatchId?: bigint;
  readonly atMs: number;
  readonly reverses?: bigint;
}

export interface Posting {
  readonly kind: AccountKind;
  /** Empty for the pool's own accounts. */
  readonly address: string;
  readonly amount: bigint;
}

const insertEntry = async (trx: Transaction<Schema>, entry: Entry): Promise<bigint> => {
  const { id } = await trx
    .insertInto('journal_entry')
    .values({
      pool_id: entry.poolId,
      kind: entry.kind,
      block_id: entry.blockId ?? null,
      payout_batch_id: entry.payoutBatchId ?? null,
      reverses: entry.reverses ?? null,
      at_ms: BigInt(entry.atMs),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return BigInt(id);
};

/** Writes an entry and returns its id; at least one amount must not be zero. */
export const post = async (
  trx: Transaction<Schema>,
  entry: Entry,
  coin: string,
  postings: readonly Posting[],
): Promise<bigint> => {
  const moved = postings.filter(({ amount }) => amount !== 0n);
  const kinds = moved.map(({ kind }) => kind);
  const addresses = moved.map(({ address }) => address);
  // Looking for those that are missing first would be one scan each where the table was empty when last analysed.
  await sql`
    INSERT INTO account (pool_id, coin, kind, address)
    SELECT ${entry.poolId}::integer, ${coin}::text, wanted.kind, wanted.address
      FROM unnest(${kinds}::text[], ${addresses}::text[]) AS wanted (kind, address)
    ON CONFLICT (pool_id, coin, kind, address) DO NOTHING`.execute(trx);
  const entryId = await insertEntry(trx, entry);
  await sql`
    INSERT INTO posting (entry_id, account_id, amount)
    SELECT ${entryId}::bigint, account.id, wanted.amount
      FROM unnest(${kinds}::text[], ${addresses}::text[], ${moved.map(({ amount }) => amount)}::numeric[])
           AS wanted (kind, address, amount)
      JOIN account ON account.pool_id = ${entry.poolId} AND account.coin = ${coin}
       AND account.kind = wanted.kind AND account.address = wanted.address`.execute(trx);
  return entryId;
};

/** The entries of this kind that still stand for the block. */
export const standingEntries = async (
  trx: Transaction<Schema>,
  blockId: bigint,
  kind: EntryKind,
): Promise<readonly bigint[]> => {
  const { rows } = await sql<{ id: string }>`
    SELECT entry.id FROM journal_entry entry
     WHERE entry.block_id = ${blockId} AND entry.kind = ${kind}
       AND NOT EXISTS (SELECT FROM journal_entry later WHERE later.reverses = entry.id)
     ORDER BY entry.id`.execute(trx);
  return rows.map(({ id }) => BigInt(id));
};

/** Of a kind that stands once at most; a block without a reward has none. */
export const standingEntry = async (
  trx: Transaction<Schema>,
  blockId: bigint,
  kind: EntryKind,
): Promise<bigint | undefined> => {
  const [id, second] = await standingEntries(trx, blockId, kind);
  if (second !== undefined)
    throw new LedgerError('LEDGER_INCONSISTENT', `block ${blockId} has ${kind} twice`);
  return id;
};

/** Takes an entry back: the same accounts, the opposite amounts. */
export const reverse = async (
  trx: Transaction<Schema>,
  entry: Entry & { reverses: bigint },
): Promise<void> => {
  const entryId = await insertEntry(trx, entry);
  await sql`
    INSERT INTO posting (entry_id, account_id, amount)
    SELECT ${entryId}::bigint, account_id, -amount FROM posting WHERE entry_id = ${entry.reverses}`.execute(
    trx,
  );
};

/** What entries have come to on each account together. */
const netOf = (entries: readonly bigint[]) => sql`
  SELECT account_id, sum(amount) AS amount FROM posting
   WHERE entry_id = ANY(${entries}::bigint[]) GROUP BY account_id HAVING sum(amount) <> 0`;

/** Moves what entries have left on the immature accounts to their matured counterparts; writes nothing for nothing. */
export const mature = async (
  trx: Transaction<Schema>,
  entry: Entry,
  credited: readonly bigint[],
): Promise<void> => {
  const from = MATURED.map(([immature]) => immature);
  const to = MATURED.map(([, matured]) => matured);
  const { rows } = await sql`
    WITH step AS (
      SELECT account.pool_id, account.coin, kinds.matured, account.address
        FROM (${netOf(credited)}) net JOIN account ON account.id = net.account_id
        JOIN unnest(${from}::text[], ${to}::text[]) AS kinds (immature, matured) ON kinds.immature = account.kind
    ), added AS (
      INSERT INTO account (pool_id, coin, kind, address) SELECT * FROM step
      ON CONFLICT (pool_id, coin, kind, address) DO NOTHING
    )
    SELECT FROM step LIMIT 1`.execute(trx);
  if (rows.length === 0) return;
  const entryId = await insertEntry(trx, entry);
  await sql`
    WITH step AS (
      SELECT account.id AS immature, target.id AS matured, net.amount
        FROM (${netOf(credited)}) net JOIN account ON account.id = net.account_id
        JOIN unnest(${from}::text[], ${to}::text[]) AS kinds (immature, matured) ON kinds.immature = account.kind
        JOIN account target ON target.pool_id = account.pool_id AND target.coin = account.coin
         AND target.kind = kinds.matured AND target.address = account.address
    )
    INSERT INTO posting (entry_id, account_id, amount)
    SELECT ${entryId}::bigint, immature, -amount FROM step
    UNION ALL
    SELECT ${entryId}::bigint, matured, amount FROM step`.execute(trx);
};
