/** Drops what has served: booked share batches and minutes by worker. The booked work itself stays. */
import { SHARES_LOG } from '@otedama/contracts';
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';

export interface Retention {
  /** Booked batches older than this go. Until then a batch sent again is known as a duplicate. */
  readonly shareLogMs: number;
  readonly workerMinutesMs: number;
}

/** Rows of one step, so that no step holds locks for long. */
const STEP_ROWS = 1_000;

const dropBatches = async (db: Kysely<Schema>, ageMs: number): Promise<bigint> => {
  const { numAffectedRows } = await sql`
    WITH oldest AS (
      SELECT sequence, appended_at FROM share_log
       WHERE sequence <= (SELECT position FROM consumer WHERE name = ${SHARES_LOG})
       ORDER BY sequence LIMIT ${STEP_ROWS}::integer
    )
    DELETE FROM share_log USING oldest
     WHERE share_log.sequence = oldest.sequence
       AND oldest.appended_at < now() - ${ageMs}::bigint * interval '1 millisecond'`.execute(db);
  return numAffectedRows ?? 0n;
};

const dropMinutes = async (db: Kysely<Schema>, beforeMs: number): Promise<bigint> => {
  const { numAffectedRows } = await sql`
    DELETE FROM worker_minute USING (
      SELECT old.* FROM pool CROSS JOIN LATERAL (
        SELECT pool_id, minute_ms, worker_id FROM worker_minute
         WHERE pool_id = pool.id AND minute_ms < ${beforeMs}::bigint LIMIT ${STEP_ROWS}::integer
      ) old
    ) old
     WHERE worker_minute.pool_id = old.pool_id AND worker_minute.minute_ms = old.minute_ms
       AND worker_minute.worker_id = old.worker_id`.execute(db);
  return numAffectedRows ?? 0n;
};

/** One step; true when there may be more to drop. */
export const prune = async (db: Kysely<Schema>, retention: Retention, nowMs: number): Promise<boolean> => {
  const batches = await dropBatches(db, retention.shareLogMs);
  const minutes = await dropMinutes(db, nowMs - retention.workerMinutesMs);
  return batches >= BigInt(STEP_ROWS) || minutes >= BigInt(STEP_ROWS);
};
