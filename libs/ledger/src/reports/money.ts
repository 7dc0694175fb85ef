/** Blocks and balances. */
import { type Kysely, sql } from 'kysely';
import type { BlockState, Schema } from '../schema.ts';
import type { AccountFilter, Page } from './workers.ts';

export interface BlockReport {
  readonly poolId: string;
  readonly coin: string;
  readonly height: number;
  readonly hash: string;
  readonly state: BlockState;
  readonly confirmations: number;
  readonly rewardAtomic: bigint;
  /** Of it, what its own coinbase paid to miners. */
  readonly paidInCoinbaseAtomic: bigint;
  readonly finderAddress: string;
  readonly finderWorker: string;
  readonly foundAtMs: number;
  /** Work of the round over the work that the network expects for a block; undefined for a rejected one. */
  readonly effort: number | undefined;
}

interface BlockRow {
  readonly pool: string;
  readonly coin: string;
  readonly height: number;
  readonly hash: string;
  readonly state: BlockState;
  readonly confirmations: number;
  readonly reward: string;
  readonly paid_in_coinbase: string;
  readonly finder_address: string;
  readonly finder_worker: string;
  readonly found_at_ms: string;
  readonly round_work: string | null;
  readonly network_work: string;
}

export const effortOf = ({
  round_work,
  network_work,
}: Pick<BlockRow, 'round_work' | 'network_work'>): number | undefined =>
  round_work === null || BigInt(network_work) === 0n ? undefined : Number(round_work) / Number(network_work);

/** What is absent counts for all. */
export interface BlockFilter {
  readonly pools: readonly string[];
  readonly coin?: string | undefined;
  readonly hash?: string | undefined;
  readonly state?: BlockState | undefined;
  /** Address of the miner. */
  readonly finder?: string | undefined;
}

/** Newest first. */
export const reportBlocks = async (
  db: Kysely<Schema>,
  filter: BlockFilter,
  { limit, offset }: Page,
): Promise<readonly BlockReport[]> => {
  const { pools } = filter;
  const [coin, hash] = [filter.coin ?? null, filter.hash ?? null];
  const [state, finder] = [filter.state ?? null, filter.finder ?? null];
  const { rows } = await sql<BlockRow>`
    SELECT pool.name AS pool, block.coin, block.height, block.hash, block.state, block.confirmations, block.reward,
           block.paid_in_coinbase, block.finder_address, block.finder_worker, block.found_at_ms, block.round_work, block.network_work
      FROM block JOIN pool ON pool.id = block.pool_id
     WHERE pool.name = ANY(${pools}::text[])
       AND (${coin}::text IS NULL OR block.coin = ${coin}) AND (${hash}::text IS NULL OR block.hash = ${hash})
       AND (${state}::text IS NULL OR block.state = ${state})
       AND (${finder}::text IS NULL OR block.finder_address = ${finder})
     ORDER BY block.id DESC
     LIMIT ${limit} OFFSET ${offset}`.execute(db);
  return rows.map((row) => ({
    poolId: row.pool,
    coin: row.coin,
    height: row.height,
    hash: row.hash,
    state: row.state,
    confirmations: row.confirmations,
    rewardAtomic: BigInt(row.reward),
    paidInCoinbaseAtomic: BigInt(row.paid_in_coinbase),
    finderAddress: row.finder_address,
    finderWorker: row.finder_worker,
    foundAtMs: Number(row.found_at_ms),
    effort: effortOf(row),
  }));
};

export interface BalanceReport {
  readonly poolId: string;
  readonly coin: string;
  readonly address: string;
  readonly immatureAtomic: bigint;
  readonly maturedAtomic: bigint;
}

interface BalanceRow {
  readonly pool: string;
  readonly coin: string;
  readonly address: string;
  readonly immature: string;
  readonly matured: string;
}

/** What miners are owed, by address, as the index has them; those who are owed nothing at all are left out. */
export const reportBalances = async (
  db: Kysely<Schema>,
  { pools, address }: AccountFilter,
  { limit, offset }: Page,
): Promise<readonly BalanceReport[]> => {
  const owner = address ?? null;
  const { rows } = await sql<BalanceRow>`
    SELECT pool.name AS pool, account.coin, account.address,
           coalesce(-sum(kept.balance) FILTER (WHERE account.kind = 'miner_immature'), 0) AS immature,
           coalesce(-sum(kept.balance) FILTER (WHERE account.kind = 'miner_matured'), 0) AS matured
      FROM account
      JOIN pool ON pool.id = account.pool_id
      JOIN account_balance kept ON kept.account_id = account.id
     WHERE account.kind IN ('miner_immature', 'miner_matured') AND account.address <> '' AND kept.balance <> 0
       AND pool.name = ANY(${pools}::text[])
       AND (${owner}::text IS NULL OR account.address = ${owner})
     GROUP BY account.address, pool.name, account.coin
     ORDER BY account.address, pool.name, account.coin
     LIMIT ${limit} OFFSET ${offset}`.execute(db);
  return rows.map(({ pool: name, coin, address: payee, immature, matured }) => ({
    poolId: name,
    coin,
    address: payee,
    immatureAtomic: BigInt(immature),
    maturedAtomic: BigInt(matured),
  }));
};
