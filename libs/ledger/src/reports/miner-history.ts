/** Hash rate of each worker of a miner over time: whole hours, and the minutes that are no hour yet. */
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';
import { MINUTE_MS } from '../work/digest.ts';
import { HOUR_MS } from '../work/hours.ts';
import { FLOOR_MS, hashrateHs } from './hashrate.ts';

export interface MinerHistoryRange {
  readonly pool: string;
  readonly address: string;
  readonly fromMs: number;
  /** Whole minutes; beyond the last hours whole hours. */
  readonly stepMs: number;
}

export interface WorkerPoint {
  readonly worker: string;
  readonly atMs: number;
  readonly hashrateHs: number;
  readonly sharesPerSecond: number;
}

/** Those seen last: every minute of each is one step in an index. */
const MAX_WORKERS = 200;
/** Minutes are kept for an hour, go by whole hours, and once an hour. */
const MINUTES_KEPT_MS = 3 * HOUR_MS;

interface Row {
  readonly name: string;
  readonly bucket: string;
  readonly first_ms: string;
  readonly accepted: string;
  readonly work: string;
}

/** Those that may be in minutes still. */
export const minutesSince = (fromMs: number, nowMs: number): readonly number[] => {
  const first = Math.ceil(Math.max(fromMs, nowMs - MINUTES_KEPT_MS) / MINUTE_MS) * MINUTE_MS;
  const count = Math.max(0, Math.floor((nowMs - first) / MINUTE_MS) + 1);
  return Array.from({ length: count }, (_, i) => first + i * MINUTE_MS);
};

/** In the step in which a worker begins its rate counts from its first work, in the running one until now. */
const toPoints = (rows: readonly Row[], stepMs: number, nowMs: number): WorkerPoint[] => {
  const begun = new Set<string>();
  return rows.map(({ name, bucket, first_ms, accepted, work }) => {
    const atMs = Number(bucket);
    const fromMs = begun.has(name) ? atMs : Number(first_ms);
    begun.add(name);
    const spanMs = Math.max(Math.min(nowMs, atMs + stepMs) - fromMs, FLOOR_MS);
    return {
      worker: name,
      atMs,
      hashrateHs: hashrateHs(BigInt(work), spanMs),
      sharesPerSecond: (Number(accepted) * 1_000) / spanMs,
    };
  });
};

/** In order of time; steps without work have no point. */
export const reportMinerHistory = async (
  db: Kysely<Schema>,
  { pool, address, fromMs, stepMs }: MinerHistoryRange,
  nowMs: number,
): Promise<readonly WorkerPoint[]> => {
  const { rows } = await sql<Row>`
    WITH own AS (
      SELECT worker.id, worker.pool_id, worker.name
        FROM pool JOIN miner ON miner.pool_id = pool.id JOIN worker ON worker.miner_id = miner.id
       WHERE pool.name = ${pool} AND miner.address = ${address}
       ORDER BY worker.last_share_ms DESC NULLS LAST, worker.id LIMIT ${MAX_WORKERS}
    ), piece AS (
      SELECT own.name, past.hour_ms AS at_ms, past.first_ms, past.accepted, past.work
        FROM own JOIN worker_hour past ON past.worker_id = own.id
       WHERE past.hour_ms >= ${fromMs} AND past.hour_ms <= ${nowMs}
      UNION ALL
      SELECT own.name, minute.minute_ms, minute.first_ms, minute.accepted, minute.work
        FROM own JOIN worker_minute minute ON minute.pool_id = own.pool_id AND minute.worker_id = own.id
       WHERE minute.minute_ms = ANY(${minutesSince(fromMs, nowMs)}::bigint[])
    )
    SELECT name, at_ms / ${stepMs}::bigint * ${stepMs}::bigint AS bucket, min(first_ms) AS first_ms,
           sum(accepted) AS accepted, sum(work) AS work
      FROM piece GROUP BY name, bucket HAVING sum(work) > 0 ORDER BY bucket, name`.execute(db);
  return toPoints(rows, stepMs, nowMs);
};

/** Work of a miner since the minute of a moment; before the last hours since the whole hour after it. */
export const minerWorkSince = async (
  db: Kysely<Schema>,
  { pool, address, sinceMs }: { readonly pool: string; readonly address: string; readonly sinceMs: number },
  nowMs: number,
): Promise<bigint> => {
  const { rows } = await sql<{ work: string | null }>`
    WITH own AS (
      SELECT worker.id, worker.pool_id
        FROM pool JOIN miner ON miner.pool_id = pool.id JOIN worker ON worker.miner_id = miner.id
       WHERE pool.name = ${pool} AND miner.address = ${address}
       ORDER BY worker.last_share_ms DESC NULLS LAST, worker.id LIMIT ${MAX_WORKERS}
    )
    SELECT (SELECT coalesce(sum(past.work), 0) FROM own JOIN worker_hour past ON past.worker_id = own.id
             WHERE past.hour_ms >= ${sinceMs})
         + (SELECT coalesce(sum(minute.work), 0)
              FROM own JOIN worker_minute minute ON minute.pool_id = own.pool_id AND minute.worker_id = own.id
             WHERE minute.minute_ms = ANY(${minutesSince(sinceMs - MINUTE_MS + 1, nowMs)}::bigint[])) AS work`.execute(
    db,
  );
  return BigInt(rows[0]?.work ?? 0);
};
