/** Hash rate over time of one pool, one miner or one worker. */
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';
import { type BucketRow, type HistoryPoint, toPoints } from './history.ts';

export interface HashrateRange {
  readonly pool: string;
  /** Undefined: of the whole pool. */
  readonly address?: string | undefined;
  readonly worker?: string | undefined;
  readonly fromMs: number;
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

const MINUTE_MS = 60_000;

/** Each minute of each worker is one step in an index. */
const readMiner = async (
  db: Kysely<Schema>,
  { pool, address, worker, fromMs, stepMs }: HashrateRange,
  nowMs: number,
): Promise<readonly BucketRow[]> => {
  const minutes = Array.from(
    { length: Math.floor((nowMs - fromMs) / MINUTE_MS) + 1 },
    (_, i) => fromMs + i * MINUTE_MS,
  );
  const name = worker ?? null;
  const { rows } = await sql<BucketRow>`
    SELECT minute.minute_ms / ${stepMs}::bigint * ${stepMs}::bigint AS bucket,
           min(minute.first_ms) AS first_ms, sum(minute.accepted) AS accepted, sum(minute.work) AS work
      FROM pool JOIN miner ON miner.pool_id = pool.id JOIN worker ON worker.miner_id = miner.id
      JOIN worker_minute minute ON minute.pool_id = pool.id AND minute.worker_id = worker.id
     WHERE pool.name = ${pool} AND miner.address = ${address ?? ''}
       AND (${name}::text IS NULL OR worker.name = ${name})
       AND minute.minute_ms = ANY(${minutes}::bigint[])
     GROUP BY bucket`.execute(db);
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
