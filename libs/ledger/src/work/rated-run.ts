/** The next stretch of the log whose work is to be paid by share, with its work by rate and miner. */
import type { PricedWork } from '@otedama/rewards';
import { sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';
import { ratesById } from './rates.ts';
import { SliceSums } from './slices.ts';
import { toWeights } from './window.ts';

/** Of one credit: minutes of a busy pool, so that the breaker acts in time and a transaction stays short. */
const MAX_ENTRIES = 16_384;
const PAGE_ENTRIES = 256;

export interface RatedRun {
  /** Positions in the log, both in it. */
  readonly from: bigint;
  readonly to: bigint;
  readonly work: bigint;
  readonly priced: readonly PricedWork[];
}

interface EntryRow {
  readonly sequence: string;
  readonly rate_id: number | null;
  readonly work: string;
  readonly slices: Buffer;
}

/**
 * Where the run begins: behind the last entry without a rate. What is between two runs without any entry belongs
 * to the second, so that runs without a break have ranges without a break.
 */
const runStart = async (
  trx: Transaction<Schema>,
  poolId: number,
  after: bigint,
  to: bigint,
): Promise<bigint | undefined> => {
  const { rows } = await sql<{ first: string | null }>`
    SELECT min(sequence) AS first FROM work_entry
     WHERE pool_id = ${poolId} AND rate_id IS NOT NULL AND sequence > ${after} AND sequence <= ${to}`.execute(
    trx,
  );
  const first = rows[0]?.first;
  if (first === undefined || first === null) return undefined;
  const { rows: before } = await sql<{ last: string | null }>`
    SELECT max(sequence) AS last FROM work_entry
     WHERE pool_id = ${poolId} AND sequence > ${after} AND sequence < ${first}::bigint`.execute(trx);
  return BigInt(before[0]?.last ?? after) + 1n;
};

class RunSums {
  readonly byRate = new Map<number, SliceSums>();
  work = 0n;
  entries = 0;

  add(rateId: number, { work, slices }: EntryRow): void {
    const sums = this.byRate.get(rateId) ?? new SliceSums();
    this.byRate.set(rateId, sums);
    sums.add(slices);
    this.work += BigInt(work);
    this.entries += 1;
  }
}

/** Sums up from `from` on; returns where the run ends. */
const sumRun = async (
  trx: Transaction<Schema>,
  poolId: number,
  from: bigint,
  to: bigint,
  sums: RunSums,
): Promise<bigint> => {
  for (let after = from - 1n; ;) {
    const { rows } = await sql<EntryRow>`
      SELECT sequence, rate_id, work, slices FROM work_entry
       WHERE pool_id = ${poolId} AND sequence > ${after} AND sequence <= ${to}
       ORDER BY sequence LIMIT ${PAGE_ENTRIES}`.execute(trx);
    if (rows.length === 0) return to;
    for (const row of rows) {
      if (row.rate_id === null) return BigInt(row.sequence) - 1n;
      sums.add(row.rate_id, row);
      after = BigInt(row.sequence);
      if (sums.entries >= MAX_ENTRIES) return after;
    }
  }
};

/** Undefined: there is none after `after` up to `to`. */
export const nextRatedRun = async (
  trx: Transaction<Schema>,
  poolId: number,
  after: bigint,
  to: bigint,
): Promise<RatedRun | undefined> => {
  const from = await runStart(trx, poolId, after, to);
  if (from === undefined) return undefined;
  const sums = new RunSums();
  const end = await sumRun(trx, poolId, from, to, sums);
  const rates = await ratesById(trx, [...sums.byRate.keys()]);
  const priced: PricedWork[] = [];
  for (const [id, slices] of sums.byRate) {
    const rate = rates.get(id);
    if (rate === undefined) throw new Error(`work at the unknown rate ${id}`);
    priced.push({ rate, weights: await toWeights(trx, slices) });
  }
  return { from, to: end, work: sums.work, priced };
};
