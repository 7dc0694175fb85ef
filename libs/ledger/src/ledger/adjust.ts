/** Corrections by hand: against an account of their own, with a reason, and never without the operator's name. */
import { type Kysely, sql, type Transaction } from 'kysely';
import { type ActedBy, byHand, recordAudit } from '../audit/append.ts';
import type { Schema } from '../schema.ts';
import { LedgerError } from './errors.ts';
import { findPool } from './find-pool.ts';
import { post } from './journal.ts';

/** Those of blocks and payouts under way follow from them, and are nobody's to correct. */
export const ADJUSTABLE = ['wallet', 'miner_matured', 'operator_fee_matured', 'operator_bankroll'] as const;
export type AdjustableKind = (typeof ADJUSTABLE)[number];

export interface Adjustment {
  readonly pool: string;
  readonly coin: string;
  readonly account: AdjustableKind;
  /** Of a miner's account; else empty. */
  readonly address: string;
  /** More of what the account holds: of the wallet coins, of a miner what is owed. Negative: less. */
  readonly amountAtomic: bigint;
  readonly by: ActedBy;
  readonly atMs: number;
}

const refuse = (message: string): never => {
  throw new LedgerError('LEDGER_ADJUSTMENT_REFUSED', message);
};

const check = ({ account, address, amountAtomic, by }: Adjustment): void => {
  if (by.reason.trim() === '') refuse('an adjustment needs a reason');
  if (amountAtomic === 0n) refuse('an adjustment by nothing');
  if ((account === 'miner_matured') !== (address !== ''))
    refuse(address === '' ? `${account} needs an address` : `${account} has no addresses`);
};

/** After the posting, which has locked the balance. */
const checkBalance = async (
  trx: Transaction<Schema>,
  poolId: number,
  { coin, account, address }: Adjustment,
): Promise<void> => {
  const { rows } = await sql<{ balance: string }>`
    SELECT kept.balance FROM account_balance kept JOIN account ON account.id = kept.account_id
     WHERE account.pool_id = ${poolId} AND account.coin = ${coin} AND account.kind = ${account}
       AND account.address = ${address}`.execute(trx);
  const balance = BigInt(rows[0]?.balance ?? 0);
  if (account === 'miner_matured' && balance > 0n) refuse(`${address} would owe the pool ${balance}`);
  if (account === 'wallet' && balance < 0n) refuse(`the wallet would hold ${balance}`);
};

/** Returns the id of its entry. */
export const adjust = (db: Kysely<Schema>, adjustment: Adjustment): Promise<bigint> =>
  db.transaction().execute(async (trx) => {
    check(adjustment);
    const { pool: name, coin, account, address, amountAtomic, by, atMs } = adjustment;
    const { id: poolId } = await findPool(trx, name);
    // Assets are positive in the books, everything else is negative.
    const amount = account === 'wallet' ? amountAtomic : -amountAtomic;
    const entryId = await post(trx, { poolId, kind: 'adjusted', atMs }, coin, [
      { kind: account, address, amount },
      { kind: 'operator_adjustment', address: '', amount: -amount },
    ]);
    await checkBalance(trx, poolId, adjustment);
    const facts = { coin, address, amount: amountAtomic.toString(), entry: entryId.toString() };
    await recordAudit(
      trx,
      byHand(by, { atMs, action: 'ledger.adjust', target: `${account} of ${name}` }, facts),
    );
    return entryId;
  });
