/**
 * The hours of every worker: what its minutes came to. They are written in the transaction in which the minutes go, so
 * that each minute is either there or in its hour; shares that are booked later still make new minutes, which are added
 * when those go.
 */
import { sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';

export const HOUR_MS = 3_600_000;

/** `minutes` is the name of a partition of worker_minute. */
export const foldMinutes = async (trx: Transaction<Schema>, minutes: string): Promise<void> => {
  await sql`
    INSERT INTO worker_hour AS kept (worker_id, hour_ms, first_ms, accepted, rejected, work)
    SELECT worker_id, minute_ms / ${HOUR_MS}::bigint * ${HOUR_MS}::bigint AS hour_ms,
           min(first_ms), sum(accepted), sum(rejected), sum(work)
      FROM ${sql.table(minutes)}
     GROUP BY worker_id, hour_ms
    ON CONFLICT (worker_id, hour_ms) DO UPDATE
       SET first_ms = least(kept.first_ms, EXCLUDED.first_ms), accepted = kept.accepted + EXCLUDED.accepted,
           rejected = kept.rejected + EXCLUDED.rejected, work = kept.work + EXCLUDED.work`.execute(trx);
};
