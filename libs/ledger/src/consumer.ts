/**
 * Positions of consumers. A position moves in the transaction that books what lies before it, and its row is
 * locked while that goes on: an entry is booked once, whatever is read again and whoever else reads.
 */
import type { Transaction } from 'kysely';
import type { Schema } from './schema.ts';

/** The position, locked until the transaction ends. */
export const lockPosition = async (trx: Transaction<Schema>, name: string): Promise<bigint> => {
  await trx
    .insertInto('consumer')
    .values({ name, position: 0n })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
  const { position } = await trx
    .selectFrom('consumer')
    .select('position')
    .where('name', '=', name)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return BigInt(position);
};

export const movePosition = async (
  trx: Transaction<Schema>,
  name: string,
  position: bigint,
): Promise<void> => {
  await trx.updateTable('consumer').set({ position }).where('name', '=', name).execute();
};
