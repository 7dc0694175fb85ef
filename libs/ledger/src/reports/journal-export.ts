/**
 * All of the journal, posting by posting, as it stood at one moment. It may be larger than any memory: it comes page
 * by page, each only when the one before has been dealt with.
 */
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';

/** One side of an entry. */
export interface ExportedPosting {
  readonly entryId: bigint;
  readonly atMs: number;
  readonly poolId: string;
  readonly kind: string;
  readonly reverses: bigint | undefined;
  readonly block: { readonly height: number; readonly hash: string } | undefined;
  readonly payoutBatch: bigint | undefined;
  readonly coin: string;
  readonly account: string;
  /** Empty for the pool's own accounts. */
  readonly address: string;
  /** Assets are positive; what is owed and the operator's own are negative. */
  readonly amountAtomic: bigint;
}

/** Of entries made from `fromMs` on and before `toMs`. */
export interface ExportRange {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Row {
  readonly entry_id: string;
  readonly account_id: string;
  readonly at_ms: string;
  readonly pool: string;
  readonly kind: string;
  readonly reverses: string | null;
  readonly height: number | null;
  readonly hash: string | null;
  readonly payout: string | null;
  readonly coin: string;
  readonly account: string;
  readonly address: string;
  readonly amount: string;
}

const PAGE_ROWS = 5_000;

const toPosting = (row: Row): ExportedPosting => ({
  entryId: BigInt(row.entry_id),
  atMs: Number(row.at_ms),
  poolId: row.pool,
  kind: row.kind,
  reverses: row.reverses === null ? undefined : BigInt(row.reverses),
  block: row.hash === null || row.height === null ? undefined : { height: row.height, hash: row.hash },
  payoutBatch: row.payout === null ? undefined : BigInt(row.payout),
  coin: row.coin,
  account: row.account,
  address: row.address,
  amountAtomic: BigInt(row.amount),
});

const readPage = async (
  trx: Kysely<Schema>,
  { fromMs, toMs }: ExportRange,
  after: Pick<Row, 'entry_id' | 'account_id'>,
): Promise<readonly Row[]> => {
  const { rows } = await sql<Row>`
    SELECT posting.entry_id, posting.account_id, entry.at_ms, pool.name AS pool, entry.kind, entry.reverses,
           block.height, block.hash, entry.payout_batch_id AS payout, account.coin, account.kind AS account, account.address, posting.amount
      FROM posting
      JOIN journal_entry entry ON entry.id = posting.entry_id
      JOIN pool ON pool.id = entry.pool_id
      JOIN account ON account.id = posting.account_id
      LEFT JOIN block ON block.id = entry.block_id
     WHERE (posting.entry_id, posting.account_id) > (${after.entry_id}::bigint, ${after.account_id}::bigint)
       AND entry.at_ms >= ${fromMs}::bigint AND entry.at_ms < ${toMs}::bigint
     ORDER BY posting.entry_id, posting.account_id
     LIMIT ${PAGE_ROWS}`.execute(trx);
  return rows;
};

export async function* exportJournal(
  db: Kysely<Schema>,
  range: ExportRange,
): AsyncGenerator<readonly ExportedPosting[]> {
  const trx = await db.startTransaction().setIsolationLevel('repeatable read').execute();
  try {
    // Whoever takes the pages may be as slow as a person who reads them.
    await sql`SET LOCAL idle_in_transaction_session_timeout = 0`.execute(trx);
    for (let after: Pick<Row, 'entry_id' | 'account_id'> = { entry_id: '0', account_id: '0' }; ;) {
      const rows = await readPage(trx, range, after);
      const last = rows.at(-1);
      if (last === undefined) return;
      yield rows.map(toPosting);
      after = last;
    }
  } finally {
    await trx.rollback().execute();
  }
}
