/**
 * Reads the window of a block out of the booked work. A window may hold millions of batches, while its weights
 * are one number a miner: the slices are read page by page and summed by worker.
 */
import {
  intersectRanges,
  type LogRange,
  subtractRanges,
  type Weight,
  type WorkWindow,
} from '@otedama/rewards';
import { sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';
import { addChunks } from './chunks.ts';
import type { Located } from './locate.ts';
import { eachRow } from './pages.ts';
import { SliceSums } from './slices.ts';

/** Entries read at once: some 2 MB when all of them are full. */
const PAGE_ENTRIES = 256;

interface SliceRow {
  readonly sequence: string;
  readonly slices: Buffer;
}

/** Weights by miner, in the order of their addresses. */
export const toWeights = async (trx: Transaction<Schema>, sums: SliceSums): Promise<Weight[]> => {
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

const addEntries = async (
  trx: Transaction<Schema>,
  poolId: number,
  { from, to }: LogRange,
  sinceMs: number | undefined,
  sums: SliceSums,
): Promise<void> => {
  const since = sinceMs ?? null;
  const read = async (after: bigint): Promise<readonly SliceRow[]> => {
    const { rows } = await sql<SliceRow>`
      SELECT sequence, slices FROM work_entry
       WHERE pool_id = ${poolId} AND sequence > ${after} AND sequence <= ${to}
         AND (${since}::bigint IS NULL OR closed_at_ms >= ${since})
       ORDER BY sequence LIMIT ${PAGE_ENTRIES}`.execute(trx);
    return rows;
  };
  await eachRow(from - 1n, read, ({ slices }) => sums.add(slices));
};

/** By whole chunks as far as there are any. */
const addRange = async (
  trx: Transaction<Schema>,
  poolId: number,
  range: LogRange,
  sinceMs: number | undefined,
  sums: SliceSums,
): Promise<void> => {
  // A chunk does not tell which of its entries were closed when.
  const summed = sinceMs === undefined ? await addChunks(trx, poolId, range, sums) : [];
  for (const rest of subtractRanges([range], summed)) await addEntries(trx, poolId, rest, sinceMs, sums);
};

/** Work by miner of the entries in these ranges. */
const weightsIn = async (
  trx: Transaction<Schema>,
  poolId: number,
  ranges: readonly LogRange[],
  sinceMs?: number,
): Promise<Weight[]> => {
  const sums = new SliceSums();
  for (const range of ranges) await addRange(trx, poolId, range, sinceMs, sums);
  return toWeights(trx, sums);
};

/** Without a time it takes two steps in an index a range, however long. */
const workIn = async (
  trx: Transaction<Schema>,
  poolId: number,
  ranges: readonly LogRange[],
  sinceMs: number | undefined,
): Promise<bigint> => {
  let sum = 0n;
  for (const { from, to } of ranges) {
    const inRange = sql`pool_id = ${poolId} AND sequence >= ${from} AND sequence <= ${to}`;
    const { rows } = await (
      sinceMs === undefined
        ? sql<{ work: string | null }>`
          SELECT (SELECT total_work FROM work_entry WHERE ${inRange} ORDER BY sequence DESC LIMIT 1)
               - (SELECT total_work - work FROM work_entry WHERE ${inRange} ORDER BY sequence LIMIT 1) AS work`
        : sql<{ work: string | null }>`
          SELECT sum(work) AS work FROM work_entry WHERE ${inRange} AND closed_at_ms >= ${sinceMs}`
    ).execute(trx);
    sum += BigInt(rows[0]?.work ?? 0);
  }
  return sum;
};

/** Work in `bought` counts as a whole: it is nobody's but the operator's. */
export const readWindow = async (
  trx: Transaction<Schema>,
  poolId: number,
  { ranges, edge, sinceMs }: Located,
  bought: readonly LogRange[] = [],
): Promise<WorkWindow> => {
  const cut: LogRange[] = edge === undefined ? [] : [{ from: edge.sequence, to: edge.sequence }];
  const whole = subtractRanges(ranges, cut);
  const ownCut = subtractRanges(cut, bought);
  const inside = await weightsIn(trx, poolId, subtractRanges(whole, bought), sinceMs);
  const boughtWhole = await workIn(trx, poolId, intersectRanges(whole, bought), sinceMs);
  if (edge === undefined) return { inside, boughtWork: boughtWhole };
  const { workInside } = edge;
  if (ownCut.length === 0) return { inside, boughtWork: boughtWhole + workInside };
  const weights = await weightsIn(trx, poolId, ownCut);
  return { inside, edge: { weights, workInside }, boughtWork: boughtWhole };
};
