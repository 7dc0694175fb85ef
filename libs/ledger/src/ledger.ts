/** The ledger as its one writer, pool-accounting, uses it. Every method is one transaction or one statement. */
import type { LogEntry } from '@otedama/contracts';
import type { Kysely } from 'kysely';
import { type FollowedBlock, followedBlocks } from './ledger/followed-blocks.ts';
import { type BlockMove, moveBlock } from './ledger/move-block.ts';
import { type Proof, prove } from './ledger/prove.ts';
import { type BlockEntry, recordBlock } from './ledger/record-block.ts';
import { type RegisteredPool, registerPools } from './ledger/terms.ts';
import { type History, reportHistory } from './reports/history.ts';
import { type BalanceReport, type BlockReport, reportBalances, reportBlocks } from './reports/money.ts';
import { type PoolReport, reportPools } from './reports/pools.ts';
import { type AccountFilter, type Page, reportWorkers, type WorkerReport } from './reports/workers.ts';
import type { Schema } from './schema.ts';
import { bookedBatch } from './work/booked-batches.ts';
import { prune, type Retention } from './work/prune.ts';
import { recordShares, type RecordSharesOptions } from './work/record-shares.ts';

export interface Ledger {
  registerPools(pools: readonly RegisteredPool[]): Promise<void>;
  /** Up to where a log is booked. */
  position(consumer: string): Promise<bigint>;
  /** Books those entries that are not booked yet; returns the position after them. */
  recordShares(log: readonly LogEntry[]): Promise<bigint>;
  /** Position in the log of shares of a batch, once it is booked. */
  bookedBatch(batchId: Buffer): Promise<bigint | undefined>;
  /** False when the position was passed already. */
  recordBlock(entry: BlockEntry): Promise<boolean>;
  /** Of one chain that the pool mines. */
  followedBlocks(pool: string, coin: string, depth: number): Promise<readonly FollowedBlock[]>;
  moveBlock(move: BlockMove): Promise<boolean>;
  prove(): Promise<Proof>;
  /** One step; true when there may be more to drop. */
  prune(retention: Retention, nowMs: number): Promise<boolean>;
  pools(nowMs: number): Promise<readonly PoolReport[]>;
  history(windowMs: number, nowMs: number): Promise<History>;
  workers(filter: AccountFilter, page: Page, nowMs: number): Promise<readonly WorkerReport[]>;
  blocks(pools: readonly string[], page: Page): Promise<readonly BlockReport[]>;
  balances(filter: AccountFilter, page: Page): Promise<readonly BalanceReport[]>;
}

const positionOf = async (db: Kysely<Schema>, name: string): Promise<bigint> => {
  const row = await db.selectFrom('consumer').select('position').where('name', '=', name).executeTakeFirst();
  return row === undefined ? 0n : BigInt(row.position);
};

export const createLedger = (db: Kysely<Schema>, options: RecordSharesOptions = {}): Ledger => ({
  registerPools: (pools) => registerPools(db, pools),
  position: (consumer) => positionOf(db, consumer),
  recordShares: (log) => recordShares(db, log, options),
  bookedBatch: (batchId) => bookedBatch(db, batchId),
  recordBlock: (entry) => recordBlock(db, entry),
  followedBlocks: (pool, coin, depth) => followedBlocks(db, pool, coin, depth),
  moveBlock: (move) => moveBlock(db, move),
  prove: () => prove(db),
  prune: (retention, nowMs) => prune(db, retention, nowMs),
  pools: (nowMs) => reportPools(db, nowMs),
  history: (windowMs, nowMs) => reportHistory(db, windowMs, nowMs),
  workers: (filter, page, nowMs) => reportWorkers(db, filter, page, nowMs),
  blocks: (pools, page) => reportBlocks(db, pools, page),
  balances: (filter, page) => reportBalances(db, filter, page),
});
