/**
 * Another reward for a block that was credited: the credit is taken back, and made anew over the same window and
 * under the same terms. Work that a followed block reaches is not pruned (work/reach.ts), so it comes out as if it had
 * been known from the start.
 */
import { sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';
import { readRanges } from '../work/multirange.ts';
import { settlePlaced } from './block-window.ts';
import { creditPostings } from './credit.ts';
import { LedgerError } from './errors.ts';
import { post, reverse, standingEntry } from './journal.ts';
import { parseTerms } from './terms.ts';

interface CreditedRow {
  readonly pool: string;
  readonly pool_id: number;
  readonly coin: string;
  readonly network_work: string;
  readonly finder_address: string;
  readonly found_at_ms: string;
  readonly terms: unknown;
  readonly height: number;
  readonly window_to: string | null;
  readonly window_ranges: string | null;
}

const creditedRow = async (trx: Transaction<Schema>, blockId: bigint): Promise<CreditedRow> => {
  const { rows } = await sql<CreditedRow>`
    SELECT pool.name AS pool, block.pool_id, block.coin, block.network_work, block.finder_address,
           block.found_at_ms, block.terms, block.height, block.window_to, block.window_ranges::text
      FROM block JOIN pool ON pool.id = block.pool_id WHERE block.id = ${blockId}`.execute(trx);
  const [row] = rows;
  if (row === undefined) throw new LedgerError('LEDGER_INCONSISTENT', `there is no block ${blockId}`);
  return row;
};

export interface Revaluation {
  /** Of an immature block. */
  readonly blockId: bigint;
  readonly rewardAtomic: bigint;
  readonly atMs: number;
}

export const revalueBlock = async (
  trx: Transaction<Schema>,
  { blockId, rewardAtomic, atMs }: Revaluation,
): Promise<void> => {
  const row = await creditedRow(trx, blockId);
  const { pool, pool_id: poolId, window_to: windowTo } = row;
  if (windowTo === null) throw new LedgerError('LEDGER_INCONSISTENT', `block ${blockId} has no window`);
  const standing = await standingEntry(trx, blockId, 'block_credited');
  if (standing !== undefined) {
    await reverse(trx, { poolId, kind: 'block_revalued', blockId, atMs, reverses: standing });
  }
  const terms = parseTerms(pool, row.terms);
  const facts = {
    rewardAtomic,
    networkWork: BigInt(row.network_work),
    foundAtMs: Number(row.found_at_ms),
    finder: row.finder_address,
  };
  const placed = { poolId, coin: row.coin, height: row.height, to: BigInt(windowTo) };
  const round = row.window_ranges === null ? undefined : readRanges(row.window_ranges);
  const { settlement } = await settlePlaced(trx, placed, terms, facts, round);
  if (rewardAtomic > 0n) {
    const entry = { poolId, kind: 'block_credited', blockId, atMs } as const;
    await post(trx, entry, row.coin, creditPostings(rewardAtomic, settlement));
  }
  await trx
    .updateTable('block')
    .set({ reward: rewardAtomic.toString() })
    .where('id', '=', blockId.toString())
    .execute();
};
