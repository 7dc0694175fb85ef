/**
 * The ids of booked batches. A log forgets its dedupe ids after a while, and there can be two logs one after
 * the other: a batch that comes again under its id is passed over.
 */
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';

export interface BookedBatch {
  readonly batchId: Buffer;
  readonly sequence: bigint;
}

/** Those of the batches that are booked, in hex, and where in the log they were. */
export const bookedAmong = async (
  db: Kysely<Schema>,
  batchIds: readonly Buffer[],
): Promise<ReadonlyMap<string, bigint>> => {
  const { rows } = await sql<{ batch_id: Buffer; sequence: string }>`
    SELECT batch_id, sequence FROM booked_batch WHERE batch_id = ANY(${batchIds}::bytea[])`.execute(db);
  return new Map(rows.map(({ batch_id, sequence }) => [batch_id.toString('hex'), BigInt(sequence)]));
};

export const addBooked = async (
  trx: Transaction<Schema>,
  batches: readonly BookedBatch[],
  atMs: number,
): Promise<void> => {
  await sql`
    INSERT INTO booked_batch (booked_at_ms, batch_id, sequence)
    SELECT ${atMs}::bigint, * FROM unnest(${batches.map(({ batchId }) => batchId)}::bytea[],
                                          ${batches.map(({ sequence }) => sequence)}::bigint[])`.execute(trx);
};

/** Position in the log of shares of a batch that is booked. */
export const bookedBatch = async (db: Kysely<Schema>, batchId: Buffer): Promise<bigint | undefined> => {
  const row = await db
    .selectFrom('booked_batch')
    .select('sequence')
    .where('batch_id', '=', batchId)
    .orderBy('sequence')
    .executeTakeFirst();
  return row === undefined ? undefined : BigInt(row.sequence);
};
