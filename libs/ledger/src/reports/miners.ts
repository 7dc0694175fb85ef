/**
 * Miners: those at work by hash rate, and what one has at each pool. To put all in order, the minutes of all their
 * workers have to be read, so the order is kept for a while: the longer it took, the longer.
 */
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';
import {
  RATE_LOOKBACK_MS,
  RATE_WINDOW_MS,
  rateWindowStart,
  recentMinutes,
  sampleRateHs,
  sampleSharesPerSecond,
} from './hashrate.ts';
import type { Page } from './workers.ts';

export interface MinerReport {
  readonly poolId: string;
  readonly address: string;
  readonly hashrateHs: number;
  readonly sharesPerSecond: number;
  readonly workersOnline: number;
  readonly workers: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly lastShareAtMs: number | undefined;
}

export interface MinerOrder {
  readonly pools: readonly string[];
  readonly sort: 'hashrate' | 'lastShare';
}

interface RateRow {
  readonly recent_work: string | null;
  readonly recent_shares: string | null;
  readonly first_ms: string | null;
  readonly older: boolean | null;
}

interface Rates {
  readonly hashrateHs: number;
  readonly sharesPerSecond: number;
}

const ratesOf = (row: RateRow, nowMs: number): Rates => {
  const sample = {
    work: BigInt(row.recent_work ?? 0),
    firstMs: row.first_ms === null ? undefined : Number(row.first_ms),
    older: row.older ?? false,
  };
  return {
    hashrateHs: sampleRateHs(sample, nowMs),
    sharesPerSecond: sampleSharesPerSecond(Number(row.recent_shares ?? 0), sample, nowMs),
  };
};

/** A miner at work. Numbers alone: there may be a hundred thousand. */
interface Placed extends Rates {
  readonly minerId: number;
  readonly lastMs: number;
}

interface Ranking {
  readonly byPool: ReadonlyMap<string, readonly Placed[]>;
  readonly usableToMs: number;
}

interface PlacedRow extends RateRow {
  readonly pool: string;
  readonly miner_id: string;
  readonly last_minute_ms: string;
}

const readRanking = async (db: Kysely<Schema>, nowMs: number): Promise<ReadonlyMap<string, Placed[]>> => {
  const since = rateWindowStart(nowMs);
  const { rows } = await sql<PlacedRow>`
    SELECT pool.name AS pool, worker.miner_id, sum(recent.recent_work) AS recent_work, sum(recent.recent_shares) AS recent_shares,
           min(recent.first_ms) AS first_ms, bool_or(recent.older) AS older,
           max(recent.last_minute_ms) AS last_minute_ms
      FROM (
        SELECT worker_id, sum(work) FILTER (WHERE minute_ms >= ${since}) AS recent_work,
               sum(accepted) FILTER (WHERE minute_ms >= ${since}) AS recent_shares,
               min(first_ms) FILTER (WHERE minute_ms >= ${since} AND work > 0) AS first_ms,
               bool_or(minute_ms < ${since} AND work > 0) AS older, max(minute_ms) AS last_minute_ms
          FROM worker_minute WHERE minute_ms >= ${since - RATE_LOOKBACK_MS} AND work > 0
         GROUP BY worker_id
      ) recent
      JOIN worker ON worker.id = recent.worker_id JOIN pool ON pool.id = worker.pool_id
     GROUP BY pool.name, worker.miner_id`.execute(db);
  const byPool = new Map<string, Placed[]>();
  for (const row of rows) {
    const placed = byPool.get(row.pool) ?? [];
    placed.push({
      minerId: Number(row.miner_id),
      ...ratesOf(row, nowMs),
      lastMs: Number(row.last_minute_ms),
    });
    byPool.set(row.pool, placed);
  }
  return byPool;
};

const ORDERS = {
  hashrate: (a: Placed, b: Placed) => b.hashrateHs - a.hashrateHs || a.minerId - b.minerId,
  lastShare: (a: Placed, b: Placed) => b.lastMs - a.lastMs || a.minerId - b.minerId,
} as const;

interface DetailRow {
  readonly miner_id: string;
  readonly pool: string;
  readonly address: string;
  readonly online: string;
  readonly workers: string;
  readonly accepted: string;
  readonly rejected: string;
  readonly last_ms: string | null;
}

const toReport = (row: DetailRow, { hashrateHs, sharesPerSecond }: Rates): MinerReport => ({
  poolId: row.pool,
  address: row.address,
  hashrateHs,
  sharesPerSecond,
  workersOnline: Number(row.online),
  workers: Number(row.workers),
  accepted: Number(row.accepted),
  rejected: Number(row.rejected),
  lastShareAtMs: row.last_ms === null ? undefined : Number(row.last_ms),
});

const readDetails = async (
  db: Kysely<Schema>,
  minerIds: readonly number[],
  nowMs: number,
): Promise<ReadonlyMap<number, DetailRow>> => {
  const { rows } = await sql<DetailRow>`
    SELECT miner.id AS miner_id, pool.name AS pool, miner.address, total.*
      FROM miner JOIN pool ON pool.id = miner.pool_id
     CROSS JOIN LATERAL (
       SELECT count(*) AS workers, count(*) FILTER (WHERE last_share_ms > ${nowMs - RATE_WINDOW_MS}) AS online,
              coalesce(sum(accepted), 0) AS accepted, coalesce(sum(rejected), 0) AS rejected,
              max(last_share_ms) AS last_ms
         FROM worker WHERE miner_id = miner.id
     ) total
     WHERE miner.id = ANY(${minerIds}::bigint[])`.execute(db);
  return new Map(rows.map((row) => [Number(row.miner_id), row]));
};

/** How long an order counts at least, and how many times as long as it took to find: some 5 % of one backend. */
const MIN_AGE_MS = 5_000;
const AGE_PER_COST = 20;

export class Miners {
  readonly #db: Kysely<Schema>;
  #ranking: Ranking | undefined;
  #reading: Promise<Ranking> | undefined;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Those with a share accepted within the last forty minutes. */
  async list({ pools, sort }: MinerOrder, page: Page, nowMs: number): Promise<readonly MinerReport[]> {
    const { byPool } = await this.#current(nowMs);
    const placed = pools.flatMap((pool) => byPool.get(pool) ?? []).toSorted(ORDERS[sort]);
    const shown = placed.slice(page.offset, page.offset + page.limit);
    const details = await readDetails(
      this.#db,
      shown.map(({ minerId }) => minerId),
      nowMs,
    );
    return shown.flatMap(({ minerId, ...rates }) => {
      const row = details.get(minerId);
      return row === undefined ? [] : [toReport(row, rates)];
    });
  }

  async #current(nowMs: number): Promise<Ranking> {
    const known = this.#ranking;
    if (known !== undefined && nowMs < known.usableToMs) return known;
    // Whoever asks meanwhile waits for the same answer.
    this.#reading ??= this.#read(nowMs).finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(nowMs: number): Promise<Ranking> {
    const startMs = performance.now();
    const byPool = await readRanking(this.#db, nowMs);
    const tookMs = performance.now() - startMs;
    this.#ranking = { byPool, usableToMs: nowMs + Math.max(MIN_AGE_MS, AGE_PER_COST * tookMs) };
    return this.#ranking;
  }
}

/** One address, pool by pool. Worker by worker, so that it reads its minutes alone, whatever is known of the table. */
export const reportMiner = async (
  db: Kysely<Schema>,
  pools: readonly string[],
  address: string,
  nowMs: number,
): Promise<readonly MinerReport[]> => {
  const since = rateWindowStart(nowMs);
  const { rows } = await sql<DetailRow & RateRow>`
    SELECT miner.id AS miner_id, pool.name AS pool, miner.address, total.*, recent.*
      FROM pool JOIN miner ON miner.pool_id = pool.id
     CROSS JOIN LATERAL (
       SELECT count(*) AS workers, count(*) FILTER (WHERE last_share_ms > ${nowMs - RATE_WINDOW_MS}) AS online,
              coalesce(sum(accepted), 0) AS accepted, coalesce(sum(rejected), 0) AS rejected,
              max(last_share_ms) AS last_ms
         FROM worker WHERE miner_id = miner.id
     ) total
     CROSS JOIN LATERAL (
       SELECT sum(own.recent_work) AS recent_work, sum(own.recent_shares) AS recent_shares,
              min(own.first_ms) AS first_ms, bool_or(own.older) AS older
         FROM worker CROSS JOIN LATERAL (
           SELECT sum(work) FILTER (WHERE minute_ms >= ${since}) AS recent_work,
                  sum(accepted) FILTER (WHERE minute_ms >= ${since}) AS recent_shares,
                  min(first_ms) FILTER (WHERE minute_ms >= ${since} AND work > 0) AS first_ms,
                  bool_or(minute_ms < ${since} AND work > 0) AS older
             FROM worker_minute minute
            WHERE minute.pool_id = miner.pool_id AND minute.worker_id = worker.id
              AND minute.minute_ms = ANY(${recentMinutes(nowMs)}::bigint[])
         ) own
        WHERE worker.miner_id = miner.id
     ) recent
     WHERE pool.name = ANY(${pools}::text[]) AND miner.address = ${address}
     ORDER BY pool.name`.execute(db);
  return rows.map((row) => toReport(row, ratesOf(row, nowMs)));
};
