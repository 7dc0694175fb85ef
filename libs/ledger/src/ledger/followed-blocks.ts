/** The blocks whose place in the chain may still change. */
import { type Kysely, sql } from 'kysely';
import type { BlockState, Schema } from '../schema.ts';
import type { ChainState } from './move-block.ts';

export interface FollowedBlock {
  readonly id: bigint;
  readonly hash: string;
  readonly height: number;
  readonly state: ChainState;
  readonly confirmations: number;
  readonly rewardAtomic: bigint;
}

interface Row {
  readonly id: string;
  readonly hash: string;
  readonly height: number;
  readonly state: Exclude<BlockState, 'rejected'>;
  readonly confirmations: number;
  readonly reward: string;
}

/**
 * All immature blocks of a pool on one chain, and those matured or orphaned that are at most `depth` below its highest
 * block: deeper than that a chain is not expected to change its mind. Oldest first.
 */
export const followedBlocks = async (
  db: Kysely<Schema>,
  pool: string,
  coin: string,
  depth: number,
): Promise<readonly FollowedBlock[]> => {
  const { rows } = await sql<Row>`
    SELECT block.id, block.hash, block.height, block.state, block.confirmations, block.reward
      FROM block JOIN pool ON pool.id = block.pool_id
     WHERE pool.name = ${pool} AND block.coin = ${coin}
       AND (block.state = 'immature' OR (block.state IN ('matured', 'orphaned') AND block.height >=
            (SELECT max(height) FROM block newest
              WHERE newest.pool_id = pool.id AND newest.coin = ${coin}) - ${depth}::integer))
     ORDER BY block.id`.execute(db);
  return rows.map(({ id, hash, height, state, confirmations, reward }) => ({
    id: BigInt(id),
    hash,
    height,
    state,
    confirmations,
    rewardAtomic: BigInt(reward),
  }));
};
