/** For tests alone: what the books say that everyone has. */
import type { Database } from '../database.ts';

/** By `kind:address`; without those of zero. For books of one coin. */
export const readBalances = async ({ pool }: Pick<Database, 'pool'>): Promise<Record<string, bigint>> => {
  const { rows } = await pool.query<{ kind: string; address: string; balance: string }>(
    `SELECT account.kind, account.address, kept.balance FROM account
       JOIN account_balance kept ON kept.account_id = account.id WHERE kept.balance <> 0`,
  );
  return Object.fromEntries(
    rows.map(({ kind, address, balance }) => [`${kind}:${address}`, BigInt(balance)]),
  );
};
