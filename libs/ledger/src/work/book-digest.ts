/** Books the digest of one pool: totals, entries for reward windows, minutes for charts. */
import { sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';
import { nameAccount, resolveWorkers, type WorkerIds } from './accounts.ts';
import type { MinuteTallies, PoolDigest } from './digest.ts';
import { bookRates } from './rates.ts';
import { SLICE_BYTES } from './slices.ts';

interface PoolRow {
  readonly id: number;
  readonly workBefore: bigint;
}

/** Locks the pool's row as well; makes one for a pool that only its shares tell us of. */
const addPoolTotals = async (trx: Transaction<Schema>, digest: PoolDigest): Promise<PoolRow> => {
  const { pool, total, duplicates } = digest;
  const { rows } = await sql<{ id: number; work: string }>`
    UPDATE pool
       SET accepted = accepted + ${total.accepted(0)}, rejected = rejected + ${total.rejected(0)},
           duplicates = duplicates + ${duplicates}, work = work + ${total.work(0)}::numeric
     WHERE name = ${pool}
    RETURNING id, work`.execute(trx);
  const row = rows[0];
  if (row !== undefined) return { id: row.id, workBefore: BigInt(row.work) - total.work(0) };
  await trx.insertInto('pool').values({ name: pool, coin: null, terms: null }).execute();
  return addPoolTotals(trx, digest);
};

/** Ids of the digest's workers; what is asked of the database is returned to be remembered as well. */
const idsOf = async (
  trx: Transaction<Schema>,
  poolId: number,
  digest: PoolDigest,
  known: WorkerIds,
  cap: number,
): Promise<{ ids: WorkerIds; learnt: WorkerIds }> => {
  const unknown = [...digest.workers.keys()]
    .filter((key) => !known.has(key))
    .map((key) => nameAccount(key, digest.workerSums.accepted(digest.workers.get(key) ?? 0) > 0));
  if (unknown.length === 0) return { ids: known, learnt: new Map() };
  const learnt = await resolveWorkers(trx, poolId, unknown, cap);
  const ids = new Map<string, number>();
  for (const key of digest.workers.keys()) {
    const id = known.get(key) ?? learnt.get(key);
    if (id !== undefined) ids.set(key, id);
  }
  return { ids, learnt };
};

/** Names past the cap have one id, so sums are by id and not by name. A row without one is a stranger's. */
const addWorkerTotals = async (
  trx: Transaction<Schema>,
  { workerSums, lastShareMs }: PoolDigest,
  idByRow: readonly (number | undefined)[],
): Promise<void> => {
  const rows = idByRow.flatMap((id, row) => (id === undefined ? [] : [{ id, row }]));
  await sql`
    UPDATE worker
       SET accepted = worker.accepted + t.accepted, rejected = worker.rejected + t.rejected,
           work = worker.work + t.work, last_share_ms = greatest(worker.last_share_ms, nullif(t.last_share_ms, 0))
      FROM (
        SELECT id, sum(accepted) AS accepted, sum(rejected) AS rejected, sum(work) AS work,
               max(last_share_ms) AS last_share_ms
          FROM unnest(${rows.map(({ id }) => id)}::bigint[],
                      ${rows.map(({ row }) => workerSums.accepted(row))}::bigint[],
                      ${rows.map(({ row }) => workerSums.rejected(row))}::bigint[],
                      ${rows.map(({ row }) => workerSums.work(row))}::numeric[],
                      ${rows.map(({ row }) => lastShareMs[row] ?? 0)}::bigint[])
               AS t (id, accepted, rejected, work, last_share_ms)
         GROUP BY id
      ) t
     WHERE worker.id = t.id`.execute(trx);
};

/** All slices travel as one binary value and are cut apart by the server. */
const addEntries = async (
  trx: Transaction<Schema>,
  { id, workBefore }: PoolRow,
  { entries, slices }: PoolDigest,
  idByRow: readonly (number | undefined)[],
): Promise<void> => {
  const bytes = slices.finish((row) => {
    const worker = idByRow[row];
    if (worker === undefined) throw new Error('accepted work without a worker');
    return worker;
  });
  const rateIds = await bookRates(trx, id, entries);
  let totalWork = workBefore;
  await sql`
    INSERT INTO work_entry (pool_id, sequence, closed_at_ms, shares, work, total_work, slices, rate_id)
    SELECT ${id}::integer, sequence, closed_at_ms, shares, work, total_work,
           substring(${bytes}::bytea FROM start + 1 FOR size), rate_id
      FROM unnest(${entries.map(({ sequence }) => sequence)}::bigint[],
                  ${entries.map(({ closedAtMs }) => closedAtMs)}::bigint[],
                  ${entries.map(({ shares }) => shares)}::integer[],
                  ${entries.map(({ work }) => work)}::numeric[],
                  ${entries.map(({ work }) => (totalWork += work))}::numeric[],
                  ${entries.map(({ firstSlice }) => firstSlice * SLICE_BYTES)}::integer[],
                  ${entries.map(({ slices: count }) => count * SLICE_BYTES)}::integer[],
                  ${rateIds}::integer[])
           AS t (sequence, closed_at_ms, shares, work, total_work, start, size, rate_id)`.execute(trx);
};

const addPoolMinutes = async (
  trx: Transaction<Schema>,
  poolId: number,
  { minuteMs, firstMs, sums }: MinuteTallies,
): Promise<void> => {
  await sql`
    INSERT INTO pool_minute AS kept (pool_id, minute_ms, first_ms, accepted, rejected, work)
    SELECT ${poolId}::integer, t.*
      FROM unnest(${minuteMs}::bigint[], ${firstMs}::bigint[],
                  ${minuteMs.map((_, row) => sums.accepted(row))}::bigint[],
                  ${minuteMs.map((_, row) => sums.rejected(row))}::bigint[],
                  ${minuteMs.map((_, row) => sums.work(row))}::numeric[]) AS t
    ON CONFLICT (pool_id, minute_ms) DO UPDATE
       SET first_ms = least(kept.first_ms, EXCLUDED.first_ms), accepted = kept.accepted + EXCLUDED.accepted,
           rejected = kept.rejected + EXCLUDED.rejected, work = kept.work + EXCLUDED.work`.execute(trx);
};

const addWorkerMinutes = async (
  trx: Transaction<Schema>,
  poolId: number,
  { minuteMs, firstMs, worker, sums }: MinuteTallies,
  idByRow: readonly (number | undefined)[],
): Promise<void> => {
  const rows = worker.flatMap((of, row) => {
    const id = idByRow[of];
    return id === undefined ? [] : [{ id, row }];
  });
  if (rows.length === 0) return;
  await sql`
    INSERT INTO worker_minute AS kept (pool_id, minute_ms, worker_id, first_ms, accepted, rejected, work)
    SELECT ${poolId}::integer, minute_ms, worker_id, min(first_ms), sum(accepted), sum(rejected), sum(work)
      FROM unnest(${rows.map(({ row }) => minuteMs[row])}::bigint[],
                  ${rows.map(({ id }) => id)}::bigint[],
                  ${rows.map(({ row }) => firstMs[row])}::bigint[],
                  ${rows.map(({ row }) => sums.accepted(row))}::bigint[],
                  ${rows.map(({ row }) => sums.rejected(row))}::bigint[],
                  ${rows.map(({ row }) => sums.work(row))}::numeric[])
           AS t (minute_ms, worker_id, first_ms, accepted, rejected, work)
     GROUP BY minute_ms, worker_id
    ON CONFLICT (pool_id, minute_ms, worker_id) DO UPDATE
       SET first_ms = least(kept.first_ms, EXCLUDED.first_ms), accepted = kept.accepted + EXCLUDED.accepted,
           rejected = kept.rejected + EXCLUDED.rejected, work = kept.work + EXCLUDED.work`.execute(trx);
};

/** Returns the ids of workers that were not known. */
export const bookPool = async (
  trx: Transaction<Schema>,
  digest: PoolDigest,
  known: WorkerIds,
  workerCap: number,
): Promise<WorkerIds> => {
  const pool = await addPoolTotals(trx, digest);
  const { ids, learnt } = await idsOf(trx, pool.id, digest, known, workerCap);
  const idByRow = [...digest.workers.keys()].map((key) => ids.get(key));
  await addWorkerTotals(trx, digest, idByRow);
  await addEntries(trx, pool, digest, idByRow);
  await addPoolMinutes(trx, pool.id, digest.minutes);
  await addWorkerMinutes(trx, pool.id, digest.workerMinutes, idByRow);
  return learnt;
};
