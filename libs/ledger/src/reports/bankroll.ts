/** The bankrolls of the pools that pay, or have paid, by share, or that have one. */
import { paysByShare } from '@otedama/rewards';
import { type Kysely, sql } from 'kysely';
import { bankrollBalance, type BankrollLimits, limitsOf } from '../ledger/bankroll.ts';
import { parseTerms } from '../ledger/terms.ts';
import type { Schema } from '../schema.ts';

export interface BankrollReport extends BankrollLimits {
  readonly pool: string;
  readonly coin: string;
  /** Shares are paid; else the breaker is open, and blocks pay their work. */
  readonly pays: boolean;
  readonly balanceAtomic: bigint;
  readonly immatureAtomic: bigint;
  /** Since the breaker turned last; undefined: it never did. */
  readonly sinceMs: number | undefined;
}

interface Row {
  readonly id: number;
  readonly name: string;
  readonly coin: string;
  readonly terms: unknown;
  readonly pays: boolean | null;
  readonly since_ms: string | null;
  readonly reward: string | null;
}

export const reportBankrolls = async (db: Kysely<Schema>): Promise<readonly BankrollReport[]> => {
  const { rows } = await sql<Row>`
    SELECT pool.id, pool.name, pool.coin, pool.terms, bankroll.pays,
           (SELECT at_ms FROM bankroll_switch WHERE pool_id = pool.id ORDER BY id DESC LIMIT 1) AS since_ms,
           (SELECT subsidy + fees FROM share_rate WHERE pool_id = pool.id ORDER BY id DESC LIMIT 1) AS reward
      FROM pool LEFT JOIN bankroll ON bankroll.pool_id = pool.id
     WHERE pool.coin IS NOT NULL AND pool.terms IS NOT NULL
     ORDER BY pool.name`.execute(db);
  const reports: BankrollReport[] = [];
  for (const { id, name, coin, terms: stored, pays, since_ms: since, reward } of rows) {
    const terms = parseTerms(name, stored);
    const balanceAtomic = await bankrollBalance(db, id, coin);
    if (pays === null && balanceAtomic === 0n && !paysByShare(terms.scheme)) continue;
    reports.push({
      pool: name,
      coin,
      pays: pays ?? true,
      balanceAtomic,
      immatureAtomic: await bankrollBalance(db, id, coin, 'operator_bankroll_immature'),
      ...limitsOf(terms, BigInt(reward ?? 0)),
      sinceMs: since === null ? undefined : Number(since),
    });
  }
  return reports;
};
