/**
 * Which booked work the window of a block to come may still reach. A small pool may work years for a block, and
 * its window then is as long: age alone must not take that away.
 */
import type { RewardTerms } from '@otedama/rewards';
import { type Kysely, sql } from 'kysely';
import { readTerms } from '../ledger/terms.ts';
import type { Schema } from '../schema.ts';
import type { PartitionRange } from './partitions.ts';

/** The network may become this much heavier from one block of ours to the next. */
const CAPACITY_FACTOR = 4n;
/** A pool that nobody has worked in for so long holds nothing back. */
const IDLE_MS = 365 * 24 * 3_600_000;

interface PoolRow {
  readonly id: number;
  readonly terms: unknown;
  readonly work: string;
  /** Of the largest window by work of the pool's own coin; null: no block yet. */
  readonly capacity: string | null;
  /** Work of the largest window of any coin, and of the pool up to where each has had a block; likewise. */
  readonly largest: string | null;
  readonly paid_total: string | null;
  readonly last_ms: string | null;
}

const poolRows = async (db: Kysely<Schema>): Promise<readonly PoolRow[]> => {
  const { rows } = await sql<PoolRow>`
    SELECT pool.id, pool.terms, pool.work,
           (SELECT max(window_capacity) FROM block WHERE pool_id = pool.id AND coin = pool.coin) AS capacity,
           (SELECT max(window_work) FROM block WHERE pool_id = pool.id) AS largest,
           (SELECT total_work FROM work_entry WHERE pool_id = pool.id AND sequence <=
             (SELECT min(ended) FROM (SELECT max(window_to) AS ended FROM block
                                       WHERE pool_id = pool.id GROUP BY coin) AS by_coin)
             ORDER BY sequence DESC LIMIT 1) AS paid_total,
           (SELECT max(closed_at_ms) FROM work_entry WHERE pool_id = pool.id) AS last_ms
      FROM pool`.execute(db);
  return rows;
};

interface Reach {
  /** Entries closed since are within reach. */
  readonly sinceMs: number;
  /** So are those past this total; undefined: all are. */
  readonly pastTotal: bigint | undefined;
}

/** The round under way, and behind it what an orphan may give back: a few of the longest rounds so far. */
const reachOfRounds = ({ work, largest, paid_total: paid }: PoolRow, sinceMs: number): Reach => {
  if (largest === null || paid === null) return { sinceMs, pastTotal: undefined };
  const back = BigInt(work) - CAPACITY_FACTOR * BigInt(largest);
  return { sinceMs, pastTotal: back < BigInt(paid) ? back : BigInt(paid) };
};

/** A pool whose terms are not known may come to have any. */
const reachOf = (pool: PoolRow, terms: RewardTerms | undefined, beforeMs: number, nowMs: number): Reach => {
  const total = BigInt(pool.work);
  if (Number(pool.last_ms ?? 0) < nowMs - IDLE_MS) return { sinceMs: beforeMs, pastTotal: total };
  if (terms === undefined) return { sinceMs: beforeMs, pastTotal: undefined };
  if (terms.scheme === 'solo') return { sinceMs: beforeMs, pastTotal: total };
  if (terms.scheme === 'prop') return reachOfRounds(pool, beforeMs);
  if (terms.window.kind === 'time') {
    return { sinceMs: Math.min(beforeMs, nowMs - 2 * terms.window.durationMs), pastTotal: total };
  }
  if (pool.capacity === null) return { sinceMs: beforeMs, pastTotal: undefined };
  return { sinceMs: beforeMs, pastTotal: total - CAPACITY_FACTOR * BigInt(pool.capacity) };
};

export const isWithinReach = async (
  db: Kysely<Schema>,
  { from, to }: PartitionRange,
  beforeMs: number,
  nowMs: number,
): Promise<boolean> => {
  for (const pool of await poolRows(db)) {
    const { sinceMs, pastTotal } = reachOf(pool, readTerms(pool.terms), beforeMs, nowMs);
    const { rows } = await sql`
      SELECT FROM work_entry
       WHERE pool_id = ${pool.id} AND sequence >= ${from} AND sequence < ${to}
         AND (closed_at_ms >= ${sinceMs} OR total_work > ${pastTotal ?? -1n}::numeric)
       LIMIT 1`.execute(db);
    if (rows.length > 0) return true;
  }
  return false;
};
