/** Where the window of a block lies in the log of shares. */
import type { LogRange, WindowReach } from '@otedama/rewards';
import { sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';

export interface Located {
  readonly ranges: readonly LogRange[];
  /** The entry that the far edge cuts: only so much of its work is inside. */
  readonly edge?: { readonly sequence: bigint; readonly workInside: bigint };
  /** Entries closed before are not inside, wherever they stand. */
  readonly sinceMs?: number;
}

export const NOWHERE: Located = { ranges: [] };

/** Work of a pool up to and including a position of the share log. */
export const workUpTo = async (
  trx: Transaction<Schema>,
  poolId: number,
  sequence: bigint,
): Promise<bigint> => {
  const row = await trx
    .selectFrom('work_entry')
    .select('total_work')
    .where('pool_id', '=', poolId)
    .where('sequence', '<=', sequence.toString())
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? 0n : BigInt(row.total_work);
};

const byWork = async (
  trx: Transaction<Schema>,
  poolId: number,
  to: bigint,
  reach: bigint,
): Promise<Located> => {
  const total = await workUpTo(trx, poolId, to);
  const floor = total > reach ? total - reach : 0n;
  const oldest = await trx
    .selectFrom('work_entry')
    .select(['sequence', 'work', 'total_work'])
    .where('pool_id', '=', poolId)
    .where('total_work', '>', floor.toString())
    .orderBy('total_work')
    .limit(1)
    .executeTakeFirst();
  if (total === 0n || oldest === undefined) return NOWHERE;
  const sequence = BigInt(oldest.sequence);
  const workInside = BigInt(oldest.total_work) - floor;
  const ranges = [{ from: sequence, to }];
  return workInside >= BigInt(oldest.work) ? { ranges } : { ranges, edge: { sequence, workInside } };
};

/** Each entry counts by its own time: one gateway with a wrong clock moves its own shares only. */
const byTime = async (
  trx: Transaction<Schema>,
  poolId: number,
  to: bigint,
  sinceMs: number,
): Promise<Located> => {
  const { rows } = await sql<{ first: string | null }>`
    SELECT min(sequence) AS first FROM work_entry
     WHERE pool_id = ${poolId} AND closed_at_ms >= ${sinceMs} AND sequence <= ${to}`.execute(trx);
  const first = rows[0]?.first;
  return first === undefined || first === null ? NOWHERE : { ranges: [{ from: BigInt(first), to }], sinceMs };
};

/** What a reach comes to that ends with entry `to`. A round is not found by looking at work. */
export const locate = (
  trx: Transaction<Schema>,
  poolId: number,
  to: bigint,
  reach: Exclude<WindowReach, { readonly kind: 'round' }>,
): Promise<Located> => {
  switch (reach.kind) {
    case 'none':
      return Promise.resolve(NOWHERE);
    case 'work':
      return byWork(trx, poolId, to, reach.work);
    case 'time':
      return byTime(trx, poolId, to, reach.sinceMs);
    default:
      return unknownReach(reach);
  }
};

const unknownReach = (reach: never): never => {
  throw new Error(`unknown reach ${JSON.stringify(reach)}`);
};
