/**
 * Reads the window of a block out of the booked work. Sums are made by the database: a window may hold
 * millions of batches, while its weights are one number a miner.
 */
import type { Weight, WindowReach, WorkWindow } from '@otedama/rewards';
import { EMPTY_WINDOW } from '@otedama/rewards';
import { sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';

export interface LocatedWindow {
  readonly window: WorkWindow;
  /** First entry that is inside, in whole or in part. */
  readonly from: bigint | undefined;
}

const NOTHING: LocatedWindow = { window: EMPTY_WINDOW, from: undefined };

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

interface WeightRow {
  readonly address: string;
  readonly work: string;
}

const toWeights = (rows: readonly WeightRow[]): Weight[] =>
  rows.map(({ address, work }) => ({ account: address, work: BigInt(work) }));

/** Work by miner of the entries from `from` to `to`, both included. */
const weightsBetween = async (
  trx: Transaction<Schema>,
  poolId: number,
  from: bigint,
  to: bigint,
): Promise<Weight[]> => {
  const { rows } = await sql<WeightRow>`
    SELECT miner.address, sum(slice.work) AS work
      FROM work_slice slice
      JOIN worker ON worker.id = slice.worker_id
      JOIN miner ON miner.id = worker.miner_id
     WHERE slice.pool_id = ${poolId} AND slice.sequence BETWEEN ${from} AND ${to}
     GROUP BY miner.address`.execute(trx);
  return toWeights(rows);
};

const readByWork = async (
  trx: Transaction<Schema>,
  poolId: number,
  to: bigint,
  reach: bigint,
): Promise<LocatedWindow> => {
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
  if (total === 0n || oldest === undefined) return NOTHING;
  const from = BigInt(oldest.sequence);
  const workInside = BigInt(oldest.total_work) - floor;
  if (workInside >= BigInt(oldest.work)) {
    return { window: { inside: await weightsBetween(trx, poolId, from, to) }, from };
  }
  const weights = await weightsBetween(trx, poolId, from, from);
  const inside = await weightsBetween(trx, poolId, from + 1n, to);
  return { window: { inside, edge: { weights, workInside } }, from };
};

/** Each entry counts by its own time: one gateway with a wrong clock moves its own shares only. */
const readByTime = async (
  trx: Transaction<Schema>,
  poolId: number,
  to: bigint,
  sinceMs: number,
): Promise<LocatedWindow> => {
  const { rows } = await sql<WeightRow & { from: string }>`
    SELECT miner.address, sum(slice.work) AS work, min(slice.sequence) AS from
      FROM work_entry entry
      JOIN work_slice slice ON slice.pool_id = entry.pool_id AND slice.sequence = entry.sequence
      JOIN worker ON worker.id = slice.worker_id
      JOIN miner ON miner.id = worker.miner_id
     WHERE entry.pool_id = ${poolId} AND entry.closed_at_ms >= ${sinceMs} AND entry.sequence <= ${to}
     GROUP BY miner.address`.execute(trx);
  if (rows.length === 0) return NOTHING;
  const first = rows.reduce((least, { from }) => (BigInt(from) < least ? BigInt(from) : least), to);
  return { window: { inside: toWeights(rows) }, from: first };
};

/** The window that ends with entry `to` of the share log. */
export const readWindow = (
  trx: Transaction<Schema>,
  poolId: number,
  to: bigint,
  reach: WindowReach,
): Promise<LocatedWindow> => {
  switch (reach.kind) {
    case 'none':
      return Promise.resolve(NOTHING);
    case 'work':
      return readByWork(trx, poolId, to, reach.work);
    case 'time':
      return readByTime(trx, poolId, to, reach.sinceMs);
    default:
      return unknownReach(reach);
  }
};

const unknownReach = (reach: never): never => {
  throw new Error(`unknown reach ${JSON.stringify(reach)}`);
};
