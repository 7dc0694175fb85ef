/** Books a run of the share log: totals, slices for reward windows, minutes for charts, and the position. */
import { type LogEntry, ShareBatchView, SHARES_LOG } from '@otedama/contracts';
import { type Kysely, sql, type Transaction } from 'kysely';
import { lockPosition, movePosition } from '../consumer.ts';
import type { Schema } from '../schema.ts';
import { MAX_WORKERS_PER_MINER, resolveWorkers, type WorkerIds } from './accounts.ts';
import { addBooked } from './booked-batches.ts';
import { digestShares, type PoolDigest } from './digest.ts';

export interface RecordSharesOptions {
  readonly maxWorkersPerMiner?: number;
}

interface PoolRow {
  readonly id: number;
  readonly totalWork: bigint;
}

/** The row of a pool, locked; made for a pool that only its shares tell us of. */
const lockPool = async (trx: Transaction<Schema>, name: string): Promise<PoolRow> => {
  await sql`INSERT INTO pool (name) SELECT ${name} WHERE NOT EXISTS (SELECT FROM pool WHERE name = ${name})`.execute(
    trx,
  );
  const { id, work } = await trx
    .selectFrom('pool')
    .select(['id', 'work'])
    .where('name', '=', name)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return { id, totalWork: BigInt(work) };
};

const addPoolTotals = async (trx: Transaction<Schema>, id: number, { total }: PoolDigest): Promise<void> => {
  await sql`
    UPDATE pool
       SET accepted = accepted + ${total.accepted}, rejected = rejected + ${total.rejected},
           work = work + ${total.work}::numeric
     WHERE id = ${id}`.execute(trx);
};

interface WorkerTotal {
  readonly id: bigint;
  readonly accepted: number;
  readonly rejected: number;
  readonly work: bigint;
  readonly lastShareMs: number | null;
}

/** Names past the cap have one id: the sums are by id, not by name. */
const workerTotals = (pool: PoolDigest, ids: WorkerIds): WorkerTotal[] => {
  const totals = new Map<bigint, WorkerTotal>();
  for (const [key, { total, lastShareMs }] of pool.workers) {
    const id = ids.get(key);
    if (id === undefined) continue;
    const sum = totals.get(id);
    totals.set(id, {
      id,
      accepted: (sum?.accepted ?? 0) + total.accepted,
      rejected: (sum?.rejected ?? 0) + total.rejected,
      work: (sum?.work ?? 0n) + total.work,
      lastShareMs:
        lastShareMs === undefined ? (sum?.lastShareMs ?? null) : Math.max(sum?.lastShareMs ?? 0, lastShareMs),
    });
  }
  return [...totals.values()];
};

const addWorkerTotals = async (trx: Transaction<Schema>, totals: readonly WorkerTotal[]): Promise<void> => {
  await sql`
    UPDATE worker
       SET accepted = worker.accepted + t.accepted, rejected = worker.rejected + t.rejected,
           work = worker.work + t.work, last_share_ms = greatest(worker.last_share_ms, t.last_share_ms)
      FROM unnest(${totals.map(({ id }) => id)}::bigint[],
                  ${totals.map(({ accepted }) => accepted)}::bigint[],
                  ${totals.map(({ rejected }) => rejected)}::bigint[],
                  ${totals.map(({ work }) => work)}::numeric[],
                  ${totals.map(({ lastShareMs }) => lastShareMs)}::bigint[])
           AS t (id, accepted, rejected, work, last_share_ms)
     WHERE worker.id = t.id`.execute(trx);
};

interface EntryRow {
  readonly sequence: bigint;
  readonly closedAtMs: number;
  readonly shares: number;
  readonly work: bigint;
  readonly totalWork: bigint;
}

const entryRows = (pool: PoolDigest, workBefore: bigint): EntryRow[] => {
  let totalWork = workBefore;
  return pool.entries.map(({ sequence, closedAtMs, slices }) => {
    const parts = [...slices.values()];
    const work = parts.reduce((sum, part) => sum + part.work, 0n);
    totalWork += work;
    return {
      sequence,
      closedAtMs,
      shares: parts.reduce((sum, part) => sum + part.shares, 0),
      work,
      totalWork,
    };
  });
};

const addEntries = async (
  trx: Transaction<Schema>,
  poolId: number,
  rows: readonly EntryRow[],
): Promise<void> => {
  await sql`
    INSERT INTO work_entry (pool_id, sequence, closed_at_ms, shares, work, total_work)
    SELECT ${poolId}::integer, t.*
      FROM unnest(${rows.map(({ sequence }) => sequence)}::bigint[],
                  ${rows.map(({ closedAtMs }) => closedAtMs)}::bigint[],
                  ${rows.map(({ shares }) => shares)}::integer[],
                  ${rows.map(({ work }) => work)}::numeric[],
                  ${rows.map(({ totalWork }) => totalWork)}::numeric[]) AS t`.execute(trx);
};

const addSlices = async (
  trx: Transaction<Schema>,
  poolId: number,
  pool: PoolDigest,
  ids: WorkerIds,
): Promise<void> => {
  const slices = pool.entries.flatMap(({ sequence, slices }) =>
    Array.from(slices, ([key, slice]) => ({ sequence, workerId: ids.get(key), ...slice })),
  );
  await sql`
    INSERT INTO work_slice (pool_id, sequence, worker_id, shares, work)
    SELECT ${poolId}::integer, sequence, worker_id, sum(shares), sum(work)
      FROM unnest(${slices.map(({ sequence }) => sequence)}::bigint[],
                  ${slices.map(({ workerId }) => workerId)}::bigint[],
                  ${slices.map(({ shares }) => shares)}::integer[],
                  ${slices.map(({ work }) => work)}::numeric[]) AS t (sequence, worker_id, shares, work)
     GROUP BY sequence, worker_id`.execute(trx);
};

const addPoolMinutes = async (trx: Transaction<Schema>, poolId: number, pool: PoolDigest): Promise<void> => {
  const rows = Array.from(pool.minutes, ([minuteMs, minute]) => ({ minuteMs, ...minute }));
  await sql`
    INSERT INTO pool_minute AS kept (pool_id, minute_ms, first_ms, accepted, rejected, work)
    SELECT ${poolId}::integer, t.*
      FROM unnest(${rows.map(({ minuteMs }) => minuteMs)}::bigint[],
                  ${rows.map(({ firstMs }) => firstMs)}::bigint[],
                  ${rows.map(({ accepted }) => accepted)}::bigint[],
                  ${rows.map(({ rejected }) => rejected)}::bigint[],
                  ${rows.map(({ work }) => work)}::numeric[]) AS t
    ON CONFLICT (pool_id, minute_ms) DO UPDATE
       SET first_ms = least(kept.first_ms, EXCLUDED.first_ms), accepted = kept.accepted + EXCLUDED.accepted,
           rejected = kept.rejected + EXCLUDED.rejected, work = kept.work + EXCLUDED.work`.execute(trx);
};

const addWorkerMinutes = async (
  trx: Transaction<Schema>,
  poolId: number,
  pool: PoolDigest,
  ids: WorkerIds,
): Promise<void> => {
  const rows = [...pool.workers].flatMap(([key, { minutes }]) => {
    const workerId = ids.get(key);
    if (workerId === undefined) return [];
    return Array.from(minutes, ([minuteMs, minute]) => ({ minuteMs, workerId, ...minute }));
  });
  await sql`
    INSERT INTO worker_minute AS kept (pool_id, minute_ms, worker_id, first_ms, accepted, rejected, work)
    SELECT ${poolId}::integer, minute_ms, worker_id, min(first_ms), sum(accepted), sum(rejected), sum(work)
      FROM unnest(${rows.map(({ minuteMs }) => minuteMs)}::bigint[],
                  ${rows.map(({ workerId }) => workerId)}::bigint[],
                  ${rows.map(({ firstMs }) => firstMs)}::bigint[],
                  ${rows.map(({ accepted }) => accepted)}::bigint[],
                  ${rows.map(({ rejected }) => rejected)}::bigint[],
                  ${rows.map(({ work }) => work)}::numeric[])
           AS t (minute_ms, worker_id, first_ms, accepted, rejected, work)
     GROUP BY minute_ms, worker_id
    ON CONFLICT (pool_id, minute_ms, worker_id) DO UPDATE
       SET first_ms = least(kept.first_ms, EXCLUDED.first_ms), accepted = kept.accepted + EXCLUDED.accepted,
           rejected = kept.rejected + EXCLUDED.rejected, work = kept.work + EXCLUDED.work`.execute(trx);
};

const recordPool = async (trx: Transaction<Schema>, pool: PoolDigest, workerCap: number): Promise<void> => {
  const { id, totalWork } = await lockPool(trx, pool.pool);
  const ids = await resolveWorkers(trx, id, pool, workerCap);
  await addPoolTotals(trx, id, pool);
  await addWorkerTotals(trx, workerTotals(pool, ids));
  await addEntries(trx, id, entryRows(pool, totalWork));
  await addSlices(trx, id, pool, ids);
  await addPoolMinutes(trx, id, pool);
  await addWorkerMinutes(trx, id, pool, ids);
};

/**
 * Books the entries that are not booked yet; returns the position after them. The log has to have been read
 * from this consumer's position, then or earlier: what lies before its first entry is taken as booked.
 */
export const recordShares = (
  db: Kysely<Schema>,
  log: readonly LogEntry[],
  { maxWorkersPerMiner = MAX_WORKERS_PER_MINER }: RecordSharesOptions = {},
): Promise<bigint> =>
  db.transaction().execute(async (trx) => {
    const position = await lockPosition(trx, SHARES_LOG);
    const fresh = log.filter(({ sequence }) => sequence > position);
    const last = fresh.at(-1);
    if (last === undefined) return position;
    const batches = fresh.map(({ sequence, payload }) => ({ sequence, batch: new ShareBatchView(payload) }));
    for (const pool of digestShares(await addBooked(trx, batches)))
      await recordPool(trx, pool, maxWorkersPerMiner);
    await movePosition(trx, SHARES_LOG, last.sequence);
    return last.sequence;
  });
