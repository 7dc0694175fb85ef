/** The operator's bankroll: what is in it, whether it pays shares, and each turn of its breaker. */
import { type BankrollTerms, type RewardTerms, reserveAtomic } from '@otedama/rewards';
import { type Kysely, sql, type Transaction } from 'kysely';
import { type ActedBy, byHand, recordAudit } from '../audit/append.ts';
import type { Schema } from '../schema.ts';
import { LedgerError } from './errors.ts';
import { post } from './journal.ts';

/** Of a pool whose shares were accepted by the share and that is configured otherwise now: they are paid all the same. */
const DEFAULT_TERMS: BankrollTerms = { ruinProbability: 0.001, floorAtomic: 0n };

export interface BankrollRow {
  readonly decidedTo: bigint;
  readonly pays: boolean;
}

export interface BankrollLimits {
  readonly floorAtomic: bigint;
  /** Undefined: none would be enough. */
  readonly reserveAtomic: bigint | undefined;
}

/** The edge is what is left of the fee to the operator. */
export const limitsOf = (terms: RewardTerms, rewardAtomic: bigint): BankrollLimits => {
  const bankroll = terms.bankroll ?? DEFAULT_TERMS;
  const edge = (terms.splits ?? []).reduce((left, split) => left - split.basisPoints, terms.feeBasisPoints);
  return {
    floorAtomic: bankroll.floorAtomic,
    reserveAtomic: reserveAtomic(rewardAtomic, edge, bankroll),
  };
};

/** Locks it: of two that decide one waits. */
export const lockBankroll = async (trx: Transaction<Schema>, poolId: number): Promise<BankrollRow> => {
  await sql`
    INSERT INTO bankroll (pool_id, decided_to, pays) VALUES (${poolId}, 0, true)
    ON CONFLICT (pool_id) DO NOTHING`.execute(trx);
  const row = await trx
    .selectFrom('bankroll')
    .select(['decided_to', 'pays'])
    .where('pool_id', '=', poolId)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return { decidedTo: BigInt(row.decided_to), pays: row.pays };
};

/** Matured only: what a block that may be orphaned would bring is not there yet. */
export const bankrollBalance = async (
  db: Kysely<Schema>,
  poolId: number,
  coin: string,
  kind: 'operator_bankroll' | 'operator_bankroll_immature' = 'operator_bankroll',
): Promise<bigint> => {
  const { rows } = await sql<{ balance: string }>`
    SELECT -kept.balance AS balance FROM account JOIN account_balance kept ON kept.account_id = account.id
     WHERE account.pool_id = ${poolId} AND account.coin = ${coin} AND account.kind = ${kind}`.execute(db);
  return BigInt(rows[0]?.balance ?? 0);
};

export interface BankrollDecision extends BankrollLimits {
  readonly pays: boolean;
  readonly from: bigint;
  readonly to: bigint;
  readonly balanceAtomic: bigint;
  readonly dueAtomic: bigint;
  readonly atMs: number;
}

/** What is decided of a stretch of the log; a turn of the breaker leaves a row that is never changed. */
export const recordDecision = async (
  trx: Transaction<Schema>,
  poolId: number,
  before: BankrollRow,
  decision: BankrollDecision,
): Promise<void> => {
  const { pays, from, to, balanceAtomic, dueAtomic, floorAtomic, reserveAtomic: reserve, atMs } = decision;
  await trx.updateTable('bankroll').set({ decided_to: to, pays }).where('pool_id', '=', poolId).execute();
  if (pays === before.pays) return;
  await trx
    .insertInto('bankroll_switch')
    .values({
      pool_id: poolId,
      from_sequence: from,
      pays,
      balance: balanceAtomic,
      due: dueAtomic,
      floor: floorAtomic,
      reserve: reserve ?? null,
      at_ms: BigInt(atMs),
    })
    .execute();
};

export interface BankrollFunding {
  readonly pool: string;
  /** Of the pool's own coin. Negative: the operator takes his coins back. */
  readonly amountAtomic: bigint;
  readonly by: ActedBy;
  readonly atMs: number;
}

/** Coins of the operator that came into the pool's wallet, or left it. */
export const fundBankroll = (db: Kysely<Schema>, funding: BankrollFunding): Promise<void> =>
  db.transaction().execute(async (trx) => {
    const { pool: name, amountAtomic, by, atMs } = funding;
    const pool = await trx
      .selectFrom('pool')
      .select(['id', 'coin'])
      .where('name', '=', name)
      .executeTakeFirst();
    if (pool === undefined || pool.coin === null) {
      throw new LedgerError('LEDGER_POOL_UNKNOWN', `there is no pool ${name} with a coin`);
    }
    await post(trx, { poolId: pool.id, kind: 'bankroll_funded', atMs }, pool.coin, [
      { kind: 'wallet', address: '', amount: amountAtomic },
      { kind: 'operator_bankroll', address: '', amount: -amountAtomic },
    ]);
    const details = { coin: pool.coin, amountAtomic: amountAtomic.toString() };
    await recordAudit(
      trx,
      byHand(by, { atMs, action: 'ledger.fund', target: `bankroll of ${name}` }, details),
    );
  });
