/** Totals of each pool. */
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';
import { type CoinReport, reportCoins } from './coins.ts';
import { RATE_LOOKBACK_MS, RATE_WINDOW_MS, rateWindowStart, sampleRateHs } from './hashrate.ts';

export interface PoolReport {
  readonly pool: string;
  readonly hashrateHs: number;
  /** Seen within the last ten minutes. */
  readonly workers: number;
  readonly miners: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Those with blocks. */
  readonly coins: readonly CoinReport[];
}

interface PoolRow {
  readonly name: string;
  readonly accepted: string;
  readonly rejected: string;
  readonly recent_work: string | null;
  readonly first_ms: string | null;
  readonly older: boolean | null;
  readonly workers: string;
  readonly miners: string;
}

const toReport = (row: PoolRow, coins: readonly CoinReport[], nowMs: number): PoolReport => ({
  pool: row.name,
  hashrateHs: sampleRateHs(
    {
      work: BigInt(row.recent_work ?? 0),
      firstMs: row.first_ms === null ? undefined : Number(row.first_ms),
      older: row.older ?? false,
    },
    nowMs,
  ),
  workers: Number(row.workers),
  miners: Number(row.miners),
  accepted: Number(row.accepted),
  rejected: Number(row.rejected),
  coins,
});

export const reportPools = async (db: Kysely<Schema>, nowMs: number): Promise<readonly PoolReport[]> => {
  const since = rateWindowStart(nowMs);
  const { rows } = await sql<PoolRow>`
    SELECT pool.name, pool.accepted, pool.rejected, recent.*, seen.*
      FROM pool
     CROSS JOIN LATERAL (
       SELECT sum(work) FILTER (WHERE minute_ms >= ${since}) AS recent_work,
              min(first_ms) FILTER (WHERE minute_ms >= ${since} AND work > 0) AS first_ms,
              bool_or(minute_ms < ${since} AND work > 0) AS older
         FROM pool_minute WHERE pool_id = pool.id AND minute_ms >= ${since - RATE_LOOKBACK_MS}
     ) recent
     CROSS JOIN LATERAL (
       SELECT count(*) AS workers, count(DISTINCT miner_id) AS miners
         FROM worker WHERE pool_id = pool.id AND last_share_ms > ${nowMs - RATE_WINDOW_MS}
     ) seen
     ORDER BY pool.name`.execute(db);
  const coins = await reportCoins(db);
  return rows.map((row) => toReport(row, coins.get(row.name) ?? [], nowMs));
};
