/**
 * What an orphan costs after its credits were paid out. The reversing entries are posted in full; a miner who has
 * less left than they take back would come to owe the pool. The operator takes that over, in the same transaction,
 * and has it back when the block matures after all.
 */
import { sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';
import { type Entry, type Posting, post, reverse, standingEntries } from './journal.ts';

interface Owing {
  readonly address: string;
  readonly balance: string;
}

/** Those whom entries of the block touched and who owe the pool now. */
const owing = async (trx: Transaction<Schema>, blockId: bigint): Promise<readonly Owing[]> => {
  const { rows } = await sql<Owing>`
    SELECT account.address, kept.balance
      FROM account JOIN account_balance kept ON kept.account_id = account.id
     WHERE account.kind = 'miner_matured' AND kept.balance > 0
       AND account.id IN (SELECT posting.account_id FROM posting JOIN journal_entry entry ON entry.id = posting.entry_id
                           WHERE entry.block_id = ${blockId})
     ORDER BY account.address COLLATE "C"`.execute(trx);
  return rows;
};

type BlockEntryHead = Pick<Entry, 'poolId' | 'atMs'> & { readonly blockId: bigint; readonly coin: string };

/** After a block has lost what was matured: nobody owes the pool for it. */
export const takeLosses = async (trx: Transaction<Schema>, head: BlockEntryHead): Promise<void> => {
  const { coin, ...entry } = head;
  const debtors = await owing(trx, entry.blockId);
  if (debtors.length === 0) return;
  const postings = debtors.map(({ address, balance }): Posting => ({
    kind: 'miner_matured',
    address,
    amount: -BigInt(balance),
  }));
  const loss = debtors.reduce((sum, { balance }) => sum + BigInt(balance), 0n);
  const whole: Posting[] = [...postings, { kind: 'operator_loss', address: '', amount: loss }];
  await post(trx, { ...entry, kind: 'loss_taken' }, coin, whole);
};

/** After a block has matured (again): its miners are owed anew what the operator bore meanwhile. */
export const returnLosses = async (trx: Transaction<Schema>, head: BlockEntryHead): Promise<void> => {
  const { coin: _, ...entry } = head;
  for (const reverses of await standingEntries(trx, entry.blockId, 'loss_taken')) {
    await reverse(trx, { ...entry, kind: 'loss_returned', reverses });
  }
};
