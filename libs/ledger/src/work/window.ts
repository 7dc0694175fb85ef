/**
 * Reads the window of a block out of the booked work. A window may hold millions of batches, while its weights
 * are one number a miner: the slices are read page by page and summed by worker.
 */
import type { Weight, WindowReach, WorkWindow } from '@otedama/rewards';
import { EMPTY_WINDOW } from '@otedama/rewards';
import { sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';
import { SliceSums } from './slices.ts';

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

/** Entries read at once: some 2 MB when all of them are full. */
const PAGE_ENTRIES = 256;

interface SliceRow {
  readonly sequence: string;
  readonly slices: Buffer;
}

/** Weights by miner, in the order of their addresses. */
const toWeights = async (trx: Transaction<Schema>, sums: SliceSums): Promise<Weight[]> => {
  const byWorker = sums.finish();
  const { rows } = await sql<{ id: string; address: string }>`
    SELECT worker.id, miner.address
      FROM worker JOIN miner ON miner.id = worker.miner_id
     WHERE worker.id = ANY(${[...byWorker.keys()]}::bigint[])
     ORDER BY miner.address COLLATE "C"`.execute(trx);
  const byMiner = new Map<string, bigint>();
  for (const { id, address } of rows) {
    byMiner.set(address, (byMiner.get(address) ?? 0n) + (byWorker.get(Number(id)) ?? 0n));
  }
  return Array.from(byMiner, ([account, work]) => ({ account, work }));
};

/** Pages through entries in the order of the log; `page` gives those after a position. */
const sumPages = async (
  from: bigint,
  page: (after: bigint) => Promise<readonly SliceRow[]>,
): Promise<SliceSums> => {
  const sums = new SliceSums();
  for (let after = from - 1n; ;) {
    const rows = await page(after);
    const last = rows.at(-1);
    if (last === undefined) return sums;
    for (const { slices } of rows) sums.add(slices);
    after = BigInt(last.sequence);
  }
};

/** Work by miner of the entries from `from` to `to`, both included. */
const weightsBetween = async (
  trx: Transaction<Schema>,
  poolId: number,
  from: bigint,
  to: bigint,
): Promise<Weight[]> => {
  const sums = await sumPages(from, async (after) => {
    const { rows } = await sql<SliceRow>`
      SELECT sequence, slices FROM work_entry
       WHERE pool_id = ${poolId} AND sequence > ${after} AND sequence <= ${to}
       ORDER BY sequence LIMIT ${PAGE_ENTRIES}`.execute(trx);
    return rows;
  });
  return toWeights(trx, sums);
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
  const { rows: found } = await sql<{ first: string | null }>`
    SELECT min(sequence) AS first FROM work_entry
     WHERE pool_id = ${poolId} AND closed_at_ms >= ${sinceMs} AND sequence <= ${to}`.execute(trx);
  const first = found[0]?.first;
  if (first === undefined || first === null) return NOTHING;
  const from = BigInt(first);
  const sums = await sumPages(from, async (after) => {
    const { rows } = await sql<SliceRow>`
      SELECT sequence, slices FROM work_entry
       WHERE pool_id = ${poolId} AND closed_at_ms >= ${sinceMs} AND sequence > ${after} AND sequence <= ${to}
       ORDER BY sequence LIMIT ${PAGE_ENTRIES}`.execute(trx);
    return rows;
  });
  return { window: { inside: await toWeights(trx, sums) }, from };
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
