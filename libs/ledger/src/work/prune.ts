/**
 * Drops what has served, by whole partitions: ids of booked batches, minutes by worker (which leave their hours), work
 * out of reach.
 */
import { type Kysely, sql } from 'kysely';
import { dropSamplesBefore } from '../reports/pool-samples.ts';
import type { Schema } from '../schema.ts';
import { dropChunksBefore } from './chunks.ts';
import { foldMinutes } from './hours.ts';
import {
  dropPartition,
  type PartitionedTable,
  type PartitionRange,
  Partitions,
  partitionsOf,
} from './partitions.ts';
import { isWithinReach } from './reach.ts';

export interface Retention {
  /** Booked batches older than this go from the log, and with them their ids. */
  readonly shareLogMs: number;
  readonly workerMinutesMs: number;
  /** Hours of workers, and samples of pools. */
  readonly historyMs: number;
  /** Work that is older, and that no window of a block to come can reach, goes. */
  readonly workMs: number;
}

const endedBefore = (ranges: readonly PartitionRange[], atMs: number): readonly PartitionRange[] =>
  ranges.filter(({ to }) => to <= BigInt(Math.floor(atMs)));

const lastSequence = async (db: Kysely<Schema>, { from, to }: PartitionRange): Promise<bigint> => {
  const { rows } = await sql<{ last: string | null }>`
    SELECT max(sequence) AS last FROM booked_batch
     WHERE booked_at_ms >= ${from} AND booked_at_ms < ${to}`.execute(db);
  return BigInt(rows[0]?.last ?? 0);
};

/** Start of the part of the log that has to stay: it tells which shares come again, and what receipts to come are of. */
const horizonStart = async (db: Kysely<Schema>): Promise<bigint> => {
  const { rows } = await sql<{ start: string }>`
    SELECT least(older_from, after_sequence + 1) AS start FROM share_horizon, share_interval`.execute(db);
  return BigInt(rows[0]?.start ?? 0);
};

/** Partitions of ids whose batches the log need not have any more, and the last of those in the log. */
const servedBatches = async (
  db: Kysely<Schema>,
  beforeMs: number,
): Promise<{ ranges: readonly PartitionRange[]; last: bigint }> => {
  const horizon = await horizonStart(db);
  const ranges: PartitionRange[] = [];
  let last = 0n;
  for (const range of endedBefore(await partitionsOf(db, 'booked_batch'), beforeMs)) {
    const end = await lastSequence(db, range);
    if (end >= horizon) break;
    ranges.push(range);
    last = end > last ? end : last;
  }
  return { ranges, last };
};

/** Position in the log of shares up to which it may be dropped; zero: nothing yet. */
export const servedUpTo = async (db: Kysely<Schema>, retention: Retention, nowMs: number): Promise<bigint> =>
  (await servedBatches(db, nowMs - retention.shareLogMs)).last;

const dropAll = async (
  db: Kysely<Schema>,
  table: PartitionedTable,
  ranges: readonly PartitionRange[],
): Promise<void> => {
  for (const range of ranges) if (!(await dropPartition(db, table, range))) return;
};

/** Minutes are dropped an hour at a time, hours a day at a time. */
const foldWorkerMinutes = async (db: Kysely<Schema>, beforeMs: number): Promise<void> => {
  const partitions = new Partitions(db);
  for (const range of endedBefore(await partitionsOf(db, 'worker_minute'), beforeMs)) {
    await partitions.ensureTime('worker_hour', Number(range.from));
    if (!(await dropPartition(db, 'worker_minute', range, foldMinutes))) return;
  }
};

/** From the oldest on, up to the first that may be needed; never the last, which is being filled. */
const servedWork = async (db: Kysely<Schema>, beforeMs: number, nowMs: number): Promise<PartitionRange[]> => {
  const served: PartitionRange[] = [];
  for (const range of (await partitionsOf(db, 'work_entry')).slice(0, -1)) {
    if (await isWithinReach(db, range, beforeMs, nowMs)) break;
    served.push(range);
  }
  return served;
};

/** After the log was trimmed to `servedUpTo`: what tells how far that goes is dropped here. */
export const prune = async (db: Kysely<Schema>, retention: Retention, nowMs: number): Promise<void> => {
  const { ranges, last } = await servedBatches(db, nowMs - retention.shareLogMs);
  await db.deleteFrom('share_receipt_leaves').where('to_sequence', '<=', last.toString()).execute();
  await dropAll(db, 'booked_batch', ranges);
  await foldWorkerMinutes(db, nowMs - retention.workerMinutesMs);
  const hours = await partitionsOf(db, 'worker_hour');
  await dropAll(db, 'worker_hour', endedBefore(hours, nowMs - retention.historyMs));
  await dropSamplesBefore(db, nowMs - retention.historyMs);
  const work = await servedWork(db, nowMs - retention.workMs, nowMs);
  const newest = work.at(-1);
  if (newest !== undefined) await dropChunksBefore(db, newest.to);
  await dropAll(db, 'work_entry', work);
};
