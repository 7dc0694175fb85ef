/** Blocks of a pool's own chain that a network took, by pages with their total. */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { BlockState, Schema } from '../schema.ts';
import { effortOf } from './money.ts';
import { type Counted, countOf } from './paid.ts';
import type { Page } from './workers.ts';

/** What is absent counts for all. */
export interface FoundFilter {
  /** With the coin of each. */
  readonly pools: readonly { readonly pool: string; readonly coin: string }[];
  /** Address of the miner. */
  readonly finder?: string | undefined;
  readonly states: readonly BlockState[];
}

export interface FoundReport {
  readonly pool: string;
  readonly coin: string;
  readonly height: number;
  readonly hash: string;
  readonly coinbaseTxid: string;
  readonly state: BlockState;
  readonly confirmations: number;
  readonly rewardAtomic: bigint;
  readonly networkWork: bigint;
  readonly finderAddress: string;
  readonly foundAtMs: number;
  readonly effort: number | undefined;
}

interface Row {
  readonly pool: string;
  readonly coin: string;
  readonly height: number;
  readonly hash: string;
  readonly coinbase_txid: string;
  readonly state: BlockState;
  readonly confirmations: number;
  readonly reward: string;
  readonly network_work: string;
  readonly round_work: string | null;
  readonly finder_address: string;
  readonly found_at_ms: string;
}

const found = ({ pools, finder, states }: FoundFilter): RawBuilder<Row> => {
  const owner = finder ?? null;
  const [names, coins] = [pools.map(({ pool }) => pool), pools.map(({ coin }) => coin)];
  return sql<Row>`(
    SELECT own.name AS pool, block.* FROM unnest(${names}::text[], ${coins}::text[]) AS wanted (name, coin)
      JOIN pool own ON own.name = wanted.name JOIN block ON block.pool_id = own.id AND block.coin = wanted.coin
     WHERE block.state = ANY(${states}::text[]) AND (${owner}::text IS NULL OR block.finder_address = ${owner}))`;
};

/** Newest first. */
export const reportFound = async (
  db: Kysely<Schema>,
  filter: FoundFilter,
  { limit, offset }: Page,
): Promise<Counted<FoundReport>> => {
  const { rows } = await sql<Row>`
    SELECT pool, coin, height, hash, coinbase_txid, state, confirmations, reward, network_work, round_work,
           finder_address, found_at_ms
      FROM ${found(filter)} blocks ORDER BY found_at_ms DESC, id DESC LIMIT ${limit} OFFSET ${offset}`.execute(
    db,
  );
  return {
    total: await countOf(db, found(filter)),
    items: rows.map((row) => ({
      pool: row.pool,
      coin: row.coin,
      height: row.height,
      hash: row.hash,
      coinbaseTxid: row.coinbase_txid,
      state: row.state,
      confirmations: row.confirmations,
      rewardAtomic: BigInt(row.reward),
      networkWork: BigInt(row.network_work),
      finderAddress: row.finder_address,
      foundAtMs: Number(row.found_at_ms),
      effort: effortOf(row),
    })),
  };
};

/** How many a miner has found, by what became of them. */
export const countFound = async (
  db: Kysely<Schema>,
  { pool, coin, finder }: { readonly pool: string; readonly coin: string; readonly finder: string },
): Promise<{ readonly immature: number; readonly matured: number }> => {
  const { rows } = await sql<{ immature: number; matured: number }>`
    SELECT count(*) FILTER (WHERE state = 'immature')::integer AS immature,
           count(*) FILTER (WHERE state = 'matured')::integer AS matured
      FROM block JOIN pool ON pool.id = block.pool_id
     WHERE block.finder_address = ${finder} AND pool.name = ${pool} AND block.coin = ${coin}`.execute(db);
  return rows[0] ?? { immature: 0, matured: 0 };
};
