/** Of a pool's own chain: what it has paid, and its last blocks. */
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';
import { SENT_STATES } from './paid.ts';

export interface PoolFacts {
  /** What has left for miners, by payouts and by coinbases that stand. */
  readonly paidAtomic: bigint;
  readonly lastBlockAtMs: number | undefined;
  /** Of the last block that the chain lets us spend. */
  readonly lastRewardAtomic: bigint | undefined;
}

interface Row {
  readonly paid: string;
  readonly last_block_ms: string | null;
  readonly last_reward: string | null;
}

/** Undefined for a pool that is not known. */
export const reportPoolFacts = async (
  db: Kysely<Schema>,
  pool: string,
  coin: string,
): Promise<PoolFacts | undefined> => {
  const { rows } = await sql<Row>`
    SELECT (SELECT coalesce(sum(net), 0) FROM payout_batch batch
             WHERE batch.pool_id = pool.id AND batch.coin = ${coin} AND batch.state = ANY(${SENT_STATES}::text[]))
         + (SELECT coalesce(sum(paid_in_coinbase), 0) FROM block
             WHERE block.pool_id = pool.id AND block.coin = ${coin} AND block.paid_in_coinbase > 0
               AND block.state IN ('immature', 'matured')) AS paid,
           (SELECT found_at_ms FROM block
             WHERE block.pool_id = pool.id AND block.coin = ${coin} AND block.state <> 'rejected'
             ORDER BY found_at_ms DESC LIMIT 1) AS last_block_ms,
           (SELECT reward FROM block
             WHERE block.pool_id = pool.id AND block.coin = ${coin} AND block.state = 'matured'
             ORDER BY found_at_ms DESC LIMIT 1) AS last_reward
      FROM pool WHERE pool.name = ${pool}`.execute(db);
  const [row] = rows;
  return (
    row && {
      paidAtomic: BigInt(row.paid),
      lastBlockAtMs: row.last_block_ms === null ? undefined : Number(row.last_block_ms),
      lastRewardAtomic: row.last_reward === null ? undefined : BigInt(row.last_reward),
    }
  );
};
