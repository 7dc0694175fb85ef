/** Hash rate over time of one pool, one miner or one worker. */
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';
import { type BucketRow, type HistoryPoint, toPoints } from './history.ts';
import { minutesSince } from './miner-history.ts';

export interface HashrateRange {
  readonly pool: string;
  /** Undefined: of the whole pool. */
  readonly address?: string | undefined;
  readonly worker?: string | undefined;
  readonly fromMs: number;
  /** Whole minutes; of a miner beyond the last hour whole hours. */
  readonly stepMs: number;
}

const readPool = async (
  db: Kysely<Schema>,
  { pool, fromMs, stepMs }: HashrateRange,
  nowMs: number,
): Promise<readonly BucketRow[]> => {
  const { rows } = await sql<BucketRow>`
    SELECT minute.minute_ms / ${stepMs}::bigint * ${stepMs}::bigint AS bucket,
           min(minute.first_ms) AS first_ms, sum(minute.accepted) AS accepted, sum(minute.work) AS work
      FROM pool JOIN pool_minute minute ON minute.pool_id = pool.id
     WHERE pool.name = ${pool} AND minute.minute_ms >= ${fromMs} AND minute.minute_ms <= ${nowMs}
     GROUP BY bucket`.execute(db);
  return rows;
};

/** Those seen last: every minute of each is one step in an index. */
const MAX_WORKERS = 2_000;

/** Whole hours, and the minutes that are no hour yet. */
const readMiner = async (
  db: Kysely<Schema>,
  { pool, address, worker, fromMs, stepMs }: HashrateRange,
  nowMs: number,
): Promise<readonly BucketRow[]> => {
  const name = worker ?? null;
  const { rows } = await sql<BucketRow>`
    WITH own AS (
      SELECT worker.id, worker.pool_id
        FROM pool JOIN miner ON miner.pool_id = pool.id JOIN worker ON worker.miner_id = miner.id
       WHERE pool.name = ${pool} AND miner.address = ${address ?? ''}
         AND (${name}::text IS NULL OR worker.name = ${name})
       ORDER BY worker.last_share_ms DESC NULLS LAST, worker.id LIMIT ${MAX_WORKERS}
    ), piece AS (
      SELECT past.hour_ms AS at_ms, past.first_ms, past.accepted, past.work
        FROM own JOIN worker_hour past ON past.worker_id = own.id
       WHERE past.hour_ms >= ${fromMs} AND past.hour_ms <= ${nowMs}
      UNION ALL
      SELECT minute.minute_ms, minute.first_ms, minute.accepted, minute.work
        FROM own JOIN worker_minute minute ON minute.pool_id = own.pool_id AND minute.worker_id = own.id
       WHERE minute.minute_ms = ANY(${minutesSince(fromMs, nowMs)}::bigint[])
    )
    SELECT at_ms / ${stepMs}::bigint * ${stepMs}::bigint AS bucket, min(first_ms) AS first_ms,
           sum(accepted) AS accepted, sum(work) AS work
      FROM piece GROUP BY bucket`.execute(db);
  return rows;
};

/** Steps begin at whole multiples of their length. */
export const reportHashrate = async (
  db: Kysely<Schema>,
  range: HashrateRange,
  nowMs: number,
): Promise<readonly HistoryPoint[]> => {
  const rows = await (range.address === undefined ? readPool : readMiner)(db, range, nowMs);
  return rows.length === 0 ? [] : toPoints(rows, range.stepMs, nowMs);
};
