/** Which work was paid by share. */
import type { LogRange } from '@otedama/rewards';
import { sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';
import { readRanges } from './multirange.ts';

/** In these ranges, of one chain of a pool. */
export const boughtIn = async (
  trx: Transaction<Schema>,
  poolId: number,
  coin: string,
  ranges: readonly LogRange[],
): Promise<readonly LogRange[]> => {
  const [first] = ranges;
  const last = ranges.at(-1);
  if (first === undefined || last === undefined) return [];
  const { rows } = await sql<{ bought: string | null }>`
    SELECT range_agg(int8range(from_sequence, to_sequence, '[]'))::text AS bought FROM share_credit
     WHERE pool_id = ${poolId} AND coin = ${coin} AND to_sequence >= ${first.from} AND from_sequence <= ${last.to}`.execute(
    trx,
  );
  return readRanges(rows[0]?.bought ?? '');
};
