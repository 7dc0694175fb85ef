/** Hash rate of each pool over time. */
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';
import { MINUTE_MS } from '../work/digest.ts';
import { hashrateHs } from './hashrate.ts';

export interface HistoryPoint {
  readonly atMs: number;
  readonly hashrateHs: number;
  readonly shares: number;
}

export interface PoolHistory {
  readonly pool: string;
  readonly points: readonly HistoryPoint[];
}

export interface History {
  readonly bucketMs: number;
  readonly pools: readonly PoolHistory[];
}

/** More than a chart can show; buckets widen instead. */
const MAX_POINTS = 720;

export interface BucketRow {
  readonly bucket: string | null;
  readonly first_ms: string;
  readonly accepted: string;
  readonly work: string;
}

/** A bucket in which the pool woke up counts from there, the running one until now. */
const toPoint = (row: BucketRow | undefined, atMs: number, wokeUp: boolean, endMs: number): HistoryPoint => {
  if (row === undefined) return { atMs, hashrateHs: 0, shares: 0 };
  const fromMs = wokeUp ? Number(row.first_ms) : atMs;
  return { atMs, hashrateHs: hashrateHs(BigInt(row.work), endMs - fromMs), shares: Number(row.accepted) };
};

/** From the first bucket with shares on, without gaps. */
export const toPoints = (rows: readonly BucketRow[], bucketMs: number, nowMs: number): HistoryPoint[] => {
  const byTime = new Map(rows.map((row) => [Number(row.bucket), row]));
  const first = Math.min(...byTime.keys());
  const points: HistoryPoint[] = [];
  for (let atMs = first; atMs <= nowMs; atMs += bucketMs) {
    const wokeUp = !byTime.has(atMs - bucketMs);
    points.push(toPoint(byTime.get(atMs), atMs, wokeUp, Math.min(nowMs, atMs + bucketMs)));
  }
  return points;
};

export const reportHistory = async (
  db: Kysely<Schema>,
  windowMs: number,
  nowMs: number,
): Promise<History> => {
  const bucketMs = Math.max(1, Math.ceil(windowMs / MAX_POINTS / MINUTE_MS)) * MINUTE_MS;
  const since = Math.floor((nowMs - windowMs) / bucketMs) * bucketMs + bucketMs;
  const { rows } = await sql<BucketRow & { name: string }>`
    SELECT pool.name, minute.minute_ms / ${bucketMs}::bigint * ${bucketMs}::bigint AS bucket,
           min(minute.first_ms) AS first_ms, sum(minute.accepted) AS accepted, sum(minute.work) AS work
      FROM pool LEFT JOIN pool_minute minute ON minute.pool_id = pool.id AND minute.minute_ms >= ${since}
           AND minute.minute_ms <= ${nowMs}
     GROUP BY pool.name, bucket ORDER BY pool.name, bucket`.execute(db);
  const byPool = Map.groupBy(rows, ({ name }) => name);
  return {
    bucketMs,
    pools: Array.from(byPool, ([pool, buckets]) => {
      const filled = buckets.filter(({ bucket }) => bucket !== null);
      return { pool, points: filled.length === 0 ? [] : toPoints(filled, bucketMs, nowMs) };
    }),
  };
};
