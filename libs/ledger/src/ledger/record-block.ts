/** Books a block event: its row, its window, its credits and the position, in one transaction. */
import { type BlockEvent, BLOCKS_LOG } from '@otedama/contracts';
import { type Kysely, sql, type Transaction } from 'kysely';
import { passPosition } from '../consumer.ts';
import type { Schema } from '../schema.ts';
import { workUpTo } from '../work/locate.ts';
import { writeRanges } from '../work/multirange.ts';
import { settlePlaced } from './block-window.ts';
import { keepPayments, paidInCoinbase, payInCoinbase, termsOfPayout } from './coinbase-payout.ts';
import { creditPostings } from './credit.ts';
import { buySharesWithin } from './buy-shares.ts';
import { findPool, type PoolRow } from './find-pool.ts';
import { post } from './journal.ts';
import { writeTerms } from './terms.ts';

export interface BlockEntry {
  /** Position in the log of blocks. */
  readonly sequence: bigint;
  readonly event: BlockEvent;
  /** Position in the log of shares where the window of the block ends; all before it is booked. */
  readonly windowTo: bigint;
  readonly atMs: number;
}

const eventColumns = (poolId: number, event: BlockEvent) => ({
  pool_id: poolId,
  coin: event.coin,
  height: event.height,
  hash: event.hash,
  prev_hash: event.prevHash,
  coinbase_txid: event.coinbaseTxid,
  reward: event.rewardAtomic,
  network_work: event.networkWork,
  finder_address: event.address,
  finder_worker: event.worker,
  batch_id: Buffer.from(event.batchId, 'hex'),
  found_at_ms: BigInt(event.foundAtMs),
  reason: event.reason ?? null,
  confirmations: 0,
});

interface CreditColumns {
  readonly terms?: string;
  readonly window_from?: bigint | null;
  readonly window_to?: bigint;
  readonly window_work?: bigint;
  readonly window_capacity?: bigint | null;
  readonly window_ranges?: string | null;
  readonly round_work?: bigint;
  readonly paid_in_coinbase?: bigint;
}

/**
 * Undefined when this block was booked before, under whatever position. Only a refused one that was accepted
 * later is booked again: with merged mining a block can have many proofs.
 */
const insertBlock = async (
  trx: Transaction<Schema>,
  poolId: number,
  event: BlockEvent,
  credit: CreditColumns,
): Promise<bigint | undefined> => {
  const columns = {
    ...eventColumns(poolId, event),
    state: event.outcome === 'accepted' ? ('immature' as const) : ('rejected' as const),
    terms: null,
    window_from: null,
    window_to: null,
    window_work: null,
    window_capacity: null,
    window_ranges: null,
    round_work: null,
    paid_in_coinbase: 0n,
    ...credit,
  };
  const row = await trx
    .insertInto('block')
    .values(columns)
    .onConflict((conflict) => {
      const known = conflict.columns(['coin', 'hash']);
      if (event.outcome === 'rejected') return known.doNothing();
      return known.doUpdateSet(columns).where('block.state', '=', 'rejected');
    })
    .returning('id')
    .executeTakeFirst();
  return row === undefined ? undefined : BigInt(row.id);
};

/** Work since the chain's block before; one in the same batch as another has a round without work. */
const roundWork = async (
  trx: Transaction<Schema>,
  poolId: number,
  coin: string,
  to: bigint,
): Promise<bigint> => {
  const { rows } = await sql<{ previous: string | null }>`
    SELECT max(window_to) AS previous FROM block
     WHERE pool_id = ${poolId} AND coin = ${coin} AND window_to <= ${to}`.execute(trx);
  const previous = rows[0]?.previous;
  const before =
    previous === undefined || previous === null ? 0n : await workUpTo(trx, poolId, BigInt(previous));
  return (await workUpTo(trx, poolId, to)) - before;
};

interface WindowEnd {
  readonly to: bigint;
  /** Undefined: as the terms say for this block. */
  readonly capacity: bigint | undefined;
}

/** A coinbase that pays miners was settled when its job was made: that window is the block's. */
const windowEnd = ({ event, windowTo }: BlockEntry): WindowEnd =>
  event.coinbasePayout === undefined
    ? { to: windowTo, capacity: undefined }
    : {
        to: BigInt(event.coinbasePayout.windowTo),
        capacity: BigInt(event.coinbasePayout.windowCapacity),
      };

const creditBlock = async (trx: Transaction<Schema>, pool: PoolRow, entry: BlockEntry): Promise<void> => {
  const { event, atMs } = entry;
  const { coinbasePayout } = event;
  const facts = {
    rewardAtomic: BigInt(event.rewardAtomic),
    networkWork: BigInt(event.networkWork),
    foundAtMs: event.foundAtMs,
    finder: event.address,
  };
  const terms = coinbasePayout === undefined ? pool.terms : termsOfPayout(pool.terms, coinbasePayout);
  const { to, capacity } = windowEnd(entry);
  // Which work was paid by share has to be decided up to here.
  if (pool.coin === event.coin) await buySharesWithin(trx, { ...pool, coin: event.coin }, to, atMs);
  const placed = { poolId: pool.id, coin: event.coin, height: event.height, to, capacity };
  const { settlement, from, round } = await settlePlaced(trx, placed, terms, facts);
  const blockId = await insertBlock(trx, pool.id, event, {
    terms: writeTerms(terms),
    window_from: from ?? null,
    window_to: to,
    window_work: settlement.windowWork,
    window_capacity: settlement.windowCapacity ?? null,
    window_ranges: round === undefined ? null : writeRanges(round),
    round_work: await roundWork(trx, pool.id, event.coin, to),
    paid_in_coinbase: coinbasePayout === undefined ? 0n : paidInCoinbase(coinbasePayout),
  });
  if (blockId === undefined) return;
  if (coinbasePayout !== undefined) await keepPayments(trx, blockId, coinbasePayout);
  // A chain whose subsidy has run out and that carries no fees pays nothing: there is nothing to post.
  if (facts.rewardAtomic === 0n) return;
  const journal = { poolId: pool.id, kind: 'block_credited', blockId, atMs } as const;
  const credited = await post(trx, journal, event.coin, creditPostings(facts.rewardAtomic, settlement));
  await payInCoinbase(trx, { poolId: pool.id, coin: event.coin, blockId, atMs }, credited);
};

/** Whether a block was booked, accepted or not. */
export const hasBlock = async (
  db: Kysely<Schema>,
  { coin, hash }: Pick<BlockEvent, 'coin' | 'hash'>,
): Promise<boolean> => {
  const { rows } = await sql`SELECT FROM block WHERE coin = ${coin} AND hash = ${hash}`.execute(db);
  return rows.length > 0;
};

/** False when the position was passed already. */
export const recordBlock = (db: Kysely<Schema>, entry: BlockEntry): Promise<boolean> =>
  db.transaction().execute(async (trx) => {
    if (!(await passPosition(trx, BLOCKS_LOG, entry.sequence))) return false;
    const pool = await findPool(trx, entry.event.poolId);
    if (entry.event.outcome === 'accepted') await creditBlock(trx, pool, entry);
    else await insertBlock(trx, pool.id, entry.event, {});
    return true;
  });
