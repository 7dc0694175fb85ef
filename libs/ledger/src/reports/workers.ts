/** Workers, those seen last first. */
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';
import {
  RATE_WINDOW_MS,
  rateWindowStart,
  recentMinutes,
  sampleRateHs,
  sampleSharesPerSecond,
} from './hashrate.ts';

export interface Page {
  readonly limit: number;
  readonly offset: number;
}

export interface AccountFilter {
  readonly pools: readonly string[];
  /** Absent: everybody. */
  readonly address?: string | undefined;
}

export interface WorkerReport {
  readonly poolId: string;
  readonly address: string;
  readonly worker: string;
  readonly hashrateHs: number;
  readonly sharesPerSecond: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly lastShareAtMs: number | undefined;
  readonly online: boolean;
}

interface WorkerRow {
  readonly pool: string;
  readonly address: string;
  readonly name: string;
  readonly accepted: string;
  readonly rejected: string;
  readonly last_share_ms: string | null;
  readonly recent_work: string | null;
  readonly recent_shares: string | null;
  readonly first_ms: string | null;
  readonly older: boolean | null;
}

const toReport = (row: WorkerRow, nowMs: number): WorkerReport => {
  const lastShareAtMs = row.last_share_ms === null ? undefined : Number(row.last_share_ms);
  const firstMs = row.first_ms === null ? undefined : Number(row.first_ms);
  const sample = { work: BigInt(row.recent_work ?? 0), firstMs, older: row.older ?? false };
  return {
    poolId: row.pool,
    address: row.address,
    worker: row.name,
    hashrateHs: sampleRateHs(sample, nowMs),
    sharesPerSecond: sampleSharesPerSecond(Number(row.recent_shares ?? 0), sample, nowMs),
    accepted: Number(row.accepted),
    rejected: Number(row.rejected),
    lastShareAtMs,
    online: lastShareAtMs !== undefined && lastShareAtMs > nowMs - RATE_WINDOW_MS,
  };
};

/** One page of workers first, then the minutes of just those, each minute one step in an index. */
export const reportWorkers = async (
  db: Kysely<Schema>,
  { pools, address }: AccountFilter,
  { limit, offset }: Page,
  nowMs: number,
): Promise<readonly WorkerReport[]> => {
  const owner = address ?? null;
  const since = rateWindowStart(nowMs);
  const { rows } = await sql<WorkerRow>`
    WITH page AS (
      SELECT worker.*, pool.name AS pool, miner.address
        FROM worker JOIN miner ON miner.id = worker.miner_id JOIN pool ON pool.id = worker.pool_id
       WHERE pool.name = ANY(${pools}::text[]) AND (${owner}::text IS NULL OR miner.address = ${owner})
       ORDER BY worker.last_share_ms DESC NULLS LAST, worker.id
       LIMIT ${limit} OFFSET ${offset}
    )
    SELECT page.pool, page.address, page.name, page.accepted, page.rejected, page.last_share_ms, recent.*
      FROM page CROSS JOIN LATERAL (
        SELECT sum(work) FILTER (WHERE minute_ms >= ${since}) AS recent_work,
               sum(accepted) FILTER (WHERE minute_ms >= ${since}) AS recent_shares,
               min(first_ms) FILTER (WHERE minute_ms >= ${since} AND work > 0) AS first_ms,
               bool_or(minute_ms < ${since} AND work > 0) AS older
          FROM worker_minute minute
         WHERE minute.pool_id = page.pool_id AND minute.worker_id = page.id
           AND minute.minute_ms = ANY(${recentMinutes(nowMs)}::bigint[])
      ) recent
     ORDER BY page.last_share_ms DESC NULLS LAST, page.id`.execute(db);
  return rows.map((row) => toReport(row, nowMs));
};
