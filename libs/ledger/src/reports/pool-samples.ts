/** How a pool and its chain were now and then: what cannot be worked out afterwards. */
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';
import { RATE_WINDOW_MS } from './hashrate.ts';

export interface PoolSample {
  readonly atMs: number;
  readonly miners: number;
  readonly workers: number;
  /** Hashes that a block was expected to take; undefined while it was not known. */
  readonly networkWork: bigint | undefined;
}

/** Takes one of every pool; `networkWork` by its name. */
export const samplePools = async (
  db: Kysely<Schema>,
  networkWork: ReadonlyMap<string, bigint>,
  nowMs: number,
): Promise<void> => {
  const [names, works] = [[...networkWork.keys()], [...networkWork.values()]];
  await sql`
    INSERT INTO pool_sample (pool_id, at_ms, miners, workers, network_work)
    SELECT pool.id, ${nowMs}::bigint, count(DISTINCT worker.miner_id), count(worker.id), known.work
      FROM pool LEFT JOIN worker ON worker.pool_id = pool.id AND worker.last_share_ms > ${nowMs - RATE_WINDOW_MS}
      LEFT JOIN unnest(${names}::text[], ${works}::numeric[]) AS known (name, work) ON known.name = pool.name
     GROUP BY pool.id, known.work
    ON CONFLICT DO NOTHING`.execute(db);
};

export const dropSamplesBefore = async (db: Kysely<Schema>, beforeMs: number): Promise<void> => {
  await db.deleteFrom('pool_sample').where('at_ms', '<', String(beforeMs)).execute();
};

interface Row {
  readonly bucket: string;
  readonly miners: string;
  readonly workers: string;
  readonly network_work: string | null;
}

/** The middle of each step, oldest first; steps without a sample are left out. */
export const reportSamples = async (
  db: Kysely<Schema>,
  { pool, fromMs, stepMs }: { readonly pool: string; readonly fromMs: number; readonly stepMs: number },
): Promise<readonly PoolSample[]> => {
  const { rows } = await sql<Row>`
    SELECT at_ms / ${stepMs}::bigint * ${stepMs}::bigint AS bucket, round(avg(miners)) AS miners,
           round(avg(workers)) AS workers, round(avg(network_work)) AS network_work
      FROM pool_sample JOIN pool ON pool.id = pool_sample.pool_id
     WHERE pool.name = ${pool} AND at_ms >= ${fromMs}
     GROUP BY bucket ORDER BY bucket`.execute(db);
  return rows.map(({ bucket, miners, workers, network_work }) => ({
    atMs: Number(bucket),
    miners: Number(miners),
    workers: Number(workers),
    networkWork: network_work === null ? undefined : BigInt(network_work),
  }));
};
