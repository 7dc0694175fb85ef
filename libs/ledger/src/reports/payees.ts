/**
 * Whom the coinbases of a pool are to pay: its window as it stands, and what earlier blocks have left owing. Only
 * what has matured is a carry to pay: the coins for it are in the pool's wallet, and no usual reorganisation takes
 * its block away again.
 */
import { createScheme, windowPlaces, windowWeights, type WindowPlace } from '@otedama/rewards';
import { type Kysely, sql, type Transaction } from 'kysely';
import { readPosition } from '../consumer.ts';
import { parseTerms } from '../ledger/terms.ts';
import type { Schema } from '../schema.ts';
import { boughtIn } from '../work/bought.ts';
import { locate } from '../work/locate.ts';
import { readWindow } from '../work/window.ts';

export interface PayeeRequest {
  readonly pool: string;
  readonly coin: string;
  /** Expected hashes of a block now. */
  readonly networkWork: bigint;
  readonly nowMs: number;
  /** Of places in the window, and of carries: the largest. */
  readonly limit: number;
}

export interface DueMiner extends Omit<WindowPlace, 'account'> {
  readonly address: string;
  readonly carriedAtomic: bigint;
}

export interface PayeeReport {
  /** Position in the log of shares. */
  readonly windowTo: bigint;
  readonly windowCapacity: bigint;
  readonly windowWork: bigint;
  /** Beside it: work that was paid by share, whose part of a block is the operator's. */
  readonly boughtWork: bigint;
  /** In the order of their addresses. */
  readonly payees: readonly DueMiner[];
}

const readCarries = async (
  trx: Transaction<Schema>,
  { pool, coin }: PayeeRequest,
): Promise<ReadonlyMap<string, bigint>> => {
  const { rows } = await sql<{ address: string; owed: string }>`
    SELECT account.address, -kept.balance AS owed
      FROM account JOIN pool ON pool.id = account.pool_id
      JOIN account_balance kept ON kept.account_id = account.id
     WHERE pool.name = ${pool} AND account.coin = ${coin} AND account.kind = 'miner_matured'
       AND kept.balance < 0`.execute(trx);
  return new Map(rows.map(({ address, owed }) => [address, BigInt(owed)]));
};

const descending = (a: bigint, b: bigint): number => (a < b ? 1 : a > b ? -1 : 0);
const byAddress = (a: DueMiner, b: DueMiner): number =>
  a.address < b.address ? -1 : a.address > b.address ? 1 : 0;

/** The largest of each kind, whoever has more of the other. */
const largest = (miners: readonly DueMiner[], limit: number): DueMiner[] => {
  const byWork = miners.toSorted((a, b) => descending(a.work, b.work) || byAddress(a, b)).slice(0, limit);
  const byCarry = miners
    .filter(({ carriedAtomic }) => carriedAtomic > 0n)
    .sort((a, b) => descending(a.carriedAtomic, b.carriedAtomic) || byAddress(a, b))
    .slice(0, limit);
  return [...new Set([...byWork, ...byCarry])].sort(byAddress);
};

const merge = (places: readonly WindowPlace[], carries: ReadonlyMap<string, bigint>): DueMiner[] => {
  const working = new Set(places.map(({ account }) => account));
  const idle = [...carries].filter(([address]) => !working.has(address));
  return [
    ...places.map(({ account, before, work }) => ({
      address: account,
      before,
      work,
      carriedAtomic: carries.get(account) ?? 0n,
    })),
    ...idle.map(([address, carriedAtomic]) => ({ address, before: 0n, work: 0n, carriedAtomic })),
  ];
};

/** Of one moment of the books; undefined for a pool that is not known. */
export const reportPayees = (db: Kysely<Schema>, request: PayeeRequest): Promise<PayeeReport | undefined> =>
  db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (trx) => {
      const { pool, coin, networkWork, nowMs, limit } = request;
      const row = await trx
        .selectFrom('pool')
        .select(['id', 'terms'])
        .where('name', '=', pool)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const facts = { rewardAtomic: 0n, networkWork, foundAtMs: nowMs, finder: '' };
      const reach = createScheme(parseTerms(pool, row.terms)).reach(facts);
      if (reach.kind !== 'work') return undefined;
      const windowTo = await readPosition(trx, 'SHARES');
      const located = await locate(trx, row.id, windowTo, reach);
      const window = await readWindow(
        trx,
        row.id,
        located,
        await boughtIn(trx, row.id, coin, located.ranges),
      );
      const places = windowPlaces(windowWeights(window));
      return {
        windowTo,
        windowCapacity: reach.work,
        windowWork: places.reduce((sum, { work }) => sum + work, 0n),
        boughtWork: window.boughtWork ?? 0n,
        payees: largest(merge(places, await readCarries(trx, request)), limit),
      };
    });
