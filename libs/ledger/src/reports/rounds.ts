/** Rounds: the work of a pool from one block of a chain to the next. */
import { type Kysely, sql } from 'kysely';
import type { BlockState, Schema } from '../schema.ts';
import type { Page } from './workers.ts';

export interface RoundReport {
  readonly poolId: string;
  readonly coin: string;
  /** When the block before was found; undefined: there is none. */
  readonly startedAtMs: number | undefined;
  readonly endedAtMs: number;
  readonly work: bigint;
  /** Of the network for one block, when the round ended. */
  readonly networkWork: bigint;
  readonly height: number;
  readonly hash: string;
  readonly state: BlockState;
  readonly finderAddress: string;
  readonly finderWorker: string;
}

export interface RoundFilter {
  readonly pools: readonly string[];
  readonly coin?: string | undefined;
}

interface RoundRow {
  readonly pool: string;
  readonly coin: string;
  readonly started_ms: string | null;
  readonly found_at_ms: string;
  readonly round_work: string;
  readonly network_work: string;
  readonly height: number;
  readonly hash: string;
  readonly state: BlockState;
  readonly finder_address: string;
  readonly finder_worker: string;
}

/** Newest first. A block that was refused ended no round. */
export const reportRounds = async (
  db: Kysely<Schema>,
  { pools, coin }: RoundFilter,
  { limit, offset }: Page,
): Promise<readonly RoundReport[]> => {
  const chain = coin ?? null;
  const { rows } = await sql<RoundRow>`
    WITH page AS (
      SELECT block.*, pool.name AS pool FROM block JOIN pool ON pool.id = block.pool_id
       WHERE pool.name = ANY(${pools}::text[]) AND block.round_work IS NOT NULL
         AND (${chain}::text IS NULL OR block.coin = ${chain})
       ORDER BY block.id DESC LIMIT ${limit} OFFSET ${offset}
    )
    SELECT page.pool, page.coin, before.found_at_ms AS started_ms, page.found_at_ms, page.round_work,
           page.network_work, page.height, page.hash, page.state, page.finder_address, page.finder_worker
      FROM page LEFT JOIN LATERAL (
        SELECT found_at_ms FROM block
         WHERE pool_id = page.pool_id AND coin = page.coin AND window_to <= page.window_to AND id < page.id
         ORDER BY window_to DESC, id DESC LIMIT 1
      ) before ON true
     ORDER BY page.id DESC`.execute(db);
  return rows.map((row) => ({
    poolId: row.pool,
    coin: row.coin,
    startedAtMs: row.started_ms === null ? undefined : Number(row.started_ms),
    endedAtMs: Number(row.found_at_ms),
    work: BigInt(row.round_work),
    networkWork: BigInt(row.network_work),
    height: row.height,
    hash: row.hash,
    state: row.state,
    finderAddress: row.finder_address,
    finderWorker: row.finder_worker,
  }));
};

export interface OpenRound {
  readonly startedAtMs: number | undefined;
  readonly work: bigint;
}

/** The round of a pool's own chain that is under way; undefined for a pool that is not known. */
export const reportOpenRound = async (
  db: Kysely<Schema>,
  pool: string,
  coin: string,
): Promise<OpenRound | undefined> => {
  const { rows } = await sql<{ started_ms: string | null; done: string; before: string }>`
    SELECT last.found_at_ms AS started_ms,
           coalesce((SELECT total_work FROM work_entry WHERE pool_id = pool.id
                      ORDER BY sequence DESC LIMIT 1), 0) AS done,
           coalesce((SELECT total_work FROM work_entry WHERE pool_id = pool.id AND sequence <= last.window_to
                      ORDER BY sequence DESC LIMIT 1), 0) AS before
      FROM pool LEFT JOIN LATERAL (
        SELECT found_at_ms, window_to FROM block
         WHERE pool_id = pool.id AND coin = ${coin} AND window_to IS NOT NULL
         ORDER BY window_to DESC, id DESC LIMIT 1
      ) last ON true
     WHERE pool.name = ${pool}`.execute(db);
  const [row] = rows;
  return (
    row && {
      startedAtMs: row.started_ms === null ? undefined : Number(row.started_ms),
      work: BigInt(row.done) - BigInt(row.before),
    }
  );
};
