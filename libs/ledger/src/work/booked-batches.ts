/**
 * The ids of booked batches. A log forgets its dedupe ids after a while, and there can be two logs one after
 * the other: a batch that comes again under its id is passed over here.
 */
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';
import type { LoggedBatch } from './digest.ts';

/** Notes the batches as booked; returns those that were not before. */
export const addBooked = async (
  trx: Transaction<Schema>,
  batches: readonly LoggedBatch[],
): Promise<readonly LoggedBatch[]> => {
  const { rows } = await sql<{ sequence: string }>`
    INSERT INTO booked_batch (batch_id, sequence)
    SELECT * FROM unnest(${batches.map(({ batch }) => batch.batchId)}::bytea[],
                         ${batches.map(({ sequence }) => sequence)}::bigint[])
    ON CONFLICT (batch_id) DO NOTHING
    RETURNING sequence`.execute(trx);
  const added = new Set(rows.map(({ sequence }) => BigInt(sequence)));
  return batches.filter(({ sequence }) => added.has(sequence));
};

/** Position in the log of shares of a batch that is booked. */
export const bookedBatch = async (db: Kysely<Schema>, batchId: Buffer): Promise<bigint | undefined> => {
  const row = await db
    .selectFrom('booked_batch')
    .select('sequence')
    .where('batch_id', '=', batchId)
    .executeTakeFirst();
  return row === undefined ? undefined : BigInt(row.sequence);
};
