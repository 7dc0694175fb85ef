/** What a person does to the books by hand is written down with it, in the same transaction. */
import type { Transaction } from 'kysely';
import type { Schema } from '../schema.ts';

export interface OperatorAction {
  /** The user of the operating system. */
  readonly who: string;
  readonly action: string;
  readonly subject: string;
  readonly reason: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export const recordAction = async (
  trx: Transaction<Schema>,
  { who, action, subject, reason, details = {} }: OperatorAction,
  atMs: number,
): Promise<void> => {
  await trx
    .insertInto('operator_action')
    .values({ at_ms: BigInt(atMs), who, action, subject, reason, details: JSON.stringify(details) })
    .execute();
};
