/**
 * Pays work by the share: what a stretch of the log has earned, in one entry, out of the bankroll. Each stretch is
 * decided once and in the order of the log. When the bankroll would fall below its floor the breaker opens: from
 * there on work is not paid by share and so has its part of the blocks that it leads to (libs/rewards, scheme.ts).
 */
import {
  type Earnings,
  type EarningsSettled,
  earningsOf,
  paysNext,
  type RewardTerms,
  settleEarnings,
} from '@otedama/rewards';
import { SHARES_LOG } from '@otedama/contracts';
import { type Kysely, sql, type Transaction } from 'kysely';
import { readPosition } from '../consumer.ts';
import type { Schema } from '../schema.ts';
import { hasRates } from '../work/rates.ts';
import { nextRatedRun, type RatedRun } from '../work/rated-run.ts';
import {
  type BankrollDecision,
  bankrollBalance,
  type BankrollRow,
  limitsOf,
  lockBankroll,
  recordDecision,
} from './bankroll.ts';
import { payeePostings } from './credit.ts';
import { findPool } from './find-pool.ts';
import { post } from './journal.ts';

/** A pool, and the coin that its shares are paid in: that of its own chain. */
export interface BuyingPool {
  readonly id: number;
  readonly coin: string;
  readonly terms: RewardTerms;
}

const carriedFor = async (
  trx: Transaction<Schema>,
  { id, coin }: BuyingPool,
  earned: Earnings,
): Promise<Earnings> => {
  const { rows } = await sql<{ address: string; remainder: string }>`
    SELECT address, remainder FROM share_remainder
     WHERE pool_id = ${id} AND coin = ${coin} AND address = ANY(${[...earned.keys()]}::text[])`.execute(trx);
  return new Map(rows.map(({ address, remainder }) => [address, BigInt(remainder)]));
};

const carry = async (
  trx: Transaction<Schema>,
  { id, coin }: BuyingPool,
  remainders: Earnings,
): Promise<void> => {
  await sql`
    INSERT INTO share_remainder (pool_id, coin, address, remainder)
    SELECT ${id}::integer, ${coin}::text, address, remainder
      FROM unnest(${[...remainders.keys()]}::text[], ${[...remainders.values()]}::numeric[])
           AS t (address, remainder)
    ON CONFLICT (pool_id, coin, address) DO UPDATE SET remainder = EXCLUDED.remainder`.execute(trx);
};

const credit = async (
  trx: Transaction<Schema>,
  pool: BuyingPool,
  run: RatedRun,
  { credits, amountAtomic, remainders }: EarningsSettled,
  atMs: number,
): Promise<void> => {
  await carry(trx, pool, remainders);
  const entryId =
    amountAtomic === 0n
      ? null
      : await post(trx, { poolId: pool.id, kind: 'shares_credited', atMs }, pool.coin, [
          { kind: 'operator_bankroll', address: '', amount: amountAtomic },
          ...payeePostings('miner_matured', credits),
        ]);
  await trx
    .insertInto('share_credit')
    .values({
      pool_id: pool.id,
      coin: pool.coin,
      from_sequence: run.from,
      to_sequence: run.to,
      work: run.work,
      amount: amountAtomic,
      entry_id: entryId,
      at_ms: BigInt(atMs),
    })
    .execute();
};

/** What a block of the newest rate would bring: the measure of the reserve. */
const rewardOf = ({ priced }: RatedRun): bigint => {
  const rate = priced.at(-1)?.rate;
  return rate === undefined ? 0n : rate.subsidyAtomic + rate.feesAtomic;
};

const decide = async (
  trx: Transaction<Schema>,
  pool: BuyingPool,
  run: RatedRun,
  { before, dueAtomic, atMs }: { before: BankrollRow; dueAtomic: bigint; atMs: number },
): Promise<BankrollDecision> => {
  const balanceAtomic = await bankrollBalance(trx, pool.id, pool.coin);
  const rewardAtomic = rewardOf(run);
  const limits = limitsOf(pool.terms, rewardAtomic);
  const state = { pays: before.pays, bankrollAtomic: balanceAtomic, rewardAtomic, ...limits };
  const pays = paysNext(state, dueAtomic);
  return { pays, from: run.from, to: run.to, balanceAtomic, dueAtomic, ...limits, atMs };
};

/** The next stretch up to `to`; undefined: there is none. */
const buyNext = async (
  trx: Transaction<Schema>,
  pool: BuyingPool,
  to: bigint,
  atMs: number,
): Promise<BankrollDecision | undefined> => {
  if (!(await hasRates(trx, pool.id))) return undefined;
  const before = await lockBankroll(trx, pool.id);
  const run = await nextRatedRun(trx, pool.id, before.decidedTo, to);
  if (run === undefined) return undefined;
  const earned = earningsOf(run.priced, pool.terms.splits ?? []);
  const settled = settleEarnings(earned, await carriedFor(trx, pool, earned));
  const decision = await decide(trx, pool, run, { before, dueAtomic: settled.amountAtomic, atMs });
  await recordDecision(trx, pool.id, before, decision);
  if (decision.pays) await credit(trx, pool, run, settled, atMs);
  return decision;
};

/** All up to `to`, in a transaction that needs to know what was paid by share: that of a block. */
export const buySharesWithin = async (
  trx: Transaction<Schema>,
  pool: BuyingPool,
  to: bigint,
  atMs: number,
): Promise<void> => {
  while ((await buyNext(trx, pool, to, atMs)) !== undefined);
};

/** All that is booked, one transaction a stretch. */
export const buyShares = async (
  db: Kysely<Schema>,
  name: string,
  atMs: number,
): Promise<readonly BankrollDecision[]> => {
  const pool = await findPool(db, name);
  const to = await readPosition(db, SHARES_LOG);
  const runs: BankrollDecision[] = [];
  if (pool.coin === null) return runs;
  const buying = { ...pool, coin: pool.coin };
  for (;;) {
    const run = await db.transaction().execute((trx) => buyNext(trx, buying, to, atMs));
    if (run === undefined) return runs;
    runs.push(run);
  }
};
