/** A pool by its name, under the terms that were configured last. */
import type { RewardTerms } from '@otedama/rewards';
import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';
import { LedgerError } from './errors.ts';
import { parseTerms } from './terms.ts';

export interface PoolRow {
  readonly id: number;
  /** Null: only ever seen in shares. */
  readonly coin: string | null;
  readonly terms: RewardTerms;
}

export const findPool = async (db: Kysely<Schema>, name: string): Promise<PoolRow> => {
  const row = await db
    .selectFrom('pool')
    .select(['id', 'coin', 'terms'])
    .where('name', '=', name)
    .executeTakeFirst();
  if (row === undefined) throw new LedgerError('LEDGER_POOL_UNKNOWN', `the pool ${name} is not known`);
  return { id: row.id, coin: row.coin, terms: parseTerms(name, row.terms) };
};
