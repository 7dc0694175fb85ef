/**
 * Positions of consumers. A position moves in the transaction that books what lies before it, and only from
 * where that transaction took it to be: an entry is booked once, whatever is read again and whoever else books.
 */
import type { Kysely, Transaction } from 'kysely';
import type { Schema } from './schema.ts';

export const readPosition = async (
  db: Kysely<Schema> | Transaction<Schema>,
  name: string,
): Promise<bigint> => {
  const { position } = await db
    .selectFrom('consumer')
    .select('position')
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  return BigInt(position);
};

export interface PositionMove {
  readonly name: string;
  readonly from: bigint;
  readonly to: bigint;
}

/** Also locks the position until the transaction ends. False: it is not at `from`, and nothing was changed. */
export const movePosition = async (
  trx: Transaction<Schema>,
  { name, from, to }: PositionMove,
): Promise<boolean> => {
  const { numUpdatedRows } = await trx
    .updateTable('consumer')
    .set({ position: to })
    .where('name', '=', name)
    .where('position', '=', from.toString())
    .executeTakeFirst();
  return numUpdatedRows === 1n;
};

/** Moves forward from wherever it is; false when it was passed already. */
export const passPosition = async (trx: Transaction<Schema>, name: string, to: bigint): Promise<boolean> => {
  const { numUpdatedRows } = await trx
    .updateTable('consumer')
    .set({ position: to })
    .where('name', '=', name)
    .where('position', '<', to.toString())
    .executeTakeFirst();
  return numUpdatedRows === 1n;
};
