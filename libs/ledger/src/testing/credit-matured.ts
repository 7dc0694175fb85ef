/** For tests alone: balances that can be paid, as a matured block leaves them. */
import type { Database } from '../database.ts';
import { post } from '../ledger/journal.ts';

export interface MaturedCredits {
  readonly pool: string;
  readonly coin: string;
  readonly owed: Readonly<Record<string, bigint>>;
  readonly atMs: number;
}

export const creditMatured = (
  { db }: Pick<Database, 'db'>,
  { pool, coin, owed, atMs }: MaturedCredits,
): Promise<void> =>
  db.transaction().execute(async (trx) => {
    const { id: poolId } = await trx
      .selectFrom('pool')
      .select('id')
      .where('name', '=', pool)
      .executeTakeFirstOrThrow();
    const entries = Object.entries(owed);
    await post(trx, { poolId, kind: 'block_matured', atMs }, coin, [
      { kind: 'wallet', address: '', amount: entries.reduce((sum, [, amount]) => sum + amount, 0n) },
      ...entries.map(([address, amount]) => ({ kind: 'miner_matured', address, amount: -amount }) as const),
    ]);
  });
