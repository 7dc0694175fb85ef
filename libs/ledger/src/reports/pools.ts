/** Totals of each pool. */
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';
import { RATE_LOOKBACK_MS, RATE_WINDOW_MS, rateWindowStart, sampleRateHs } from './hashrate.ts';

export interface PoolReport {
  readonly pool: string;
  readonly hashrateHs: number;
  /** Seen within the last ten minutes. */
  readonly workers: number;
  readonly miners: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly blocks: {
    /** Taken by a daemon, whatever became of them. */
    readonly accepted: number;
    readonly matured: number;
    readonly orphaned: number;
    readonly rejected: number;
  };
  /** Credited to miners and operator. */
  readonly immatureAtomic: bigint;
  readonly maturedAtomic: bigint;
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
  readonly blocks_accepted: string;
  readonly blocks_matured: string;
  readonly blocks_orphaned: string;
  readonly blocks_rejected: string;
  readonly immature: string | null;
  readonly matured: string | null;
}

const toReport = (row: PoolRow, nowMs: number): PoolReport => ({
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
  blocks: {
    accepted: Number(row.blocks_accepted),
    matured: Number(row.blocks_matured),
    orphaned: Number(row.blocks_orphaned),
    rejected: Number(row.blocks_rejected),
  },
  immatureAtomic: BigInt(row.immature ?? 0),
  maturedAtomic: BigInt(row.matured ?? 0),
});

const IMMATURE = ['miner_immature', 'operator_fee_immature'];
const MATURED = ['miner_matured', 'operator_fee_matured'];

export const reportPools = async (db: Kysely<Schema>, nowMs: number): Promise<readonly PoolReport[]> => {
  const since = rateWindowStart(nowMs);
  const { rows } = await sql<PoolRow>`
    SELECT pool.name, pool.accepted, pool.rejected, recent.*, seen.*, blocks.*, owed.*
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
     CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE state <> 'rejected') AS blocks_accepted,
              count(*) FILTER (WHERE state = 'matured') AS blocks_matured,
              count(*) FILTER (WHERE state = 'orphaned') AS blocks_orphaned,
              count(*) FILTER (WHERE state = 'rejected') AS blocks_rejected
         FROM block WHERE pool_id = pool.id
     ) blocks
     CROSS JOIN LATERAL (
       SELECT -sum(kept.balance) FILTER (WHERE account.kind = ANY(${IMMATURE}::text[])) AS immature,
              -sum(kept.balance) FILTER (WHERE account.kind = ANY(${MATURED}::text[])) AS matured
         FROM account JOIN account_balance kept ON kept.account_id = account.id
        WHERE account.pool_id = pool.id
     ) owed
     ORDER BY pool.name`.execute(db);
  return rows.map((row) => toReport(row, nowMs));
};
