/** Closes an interval: a receipt for each pool that had shares in it, chained to the pool's last. */
import { type AuditAnchor, merkleRoot, NO_RECEIPT, receiptDigest, type ReceiptHead } from '@otedama/receipts';
import { type Kysely, sql, type Transaction } from 'kysely';
import { readHead } from '../audit/append.ts';
import type { Schema } from '../schema.ts';
import { encodeLeaves } from './leaves.ts';
import { Interval, type ReceiptLeaf } from './interval.ts';

interface LastRow {
  readonly id: number;
  readonly number: string | null;
  readonly digest: Buffer | null;
}

const lastReceipt = async (trx: Transaction<Schema>, pool: string): Promise<LastRow> => {
  const { rows } = await sql<LastRow>`
    SELECT pool.id, last.number, last.digest
      FROM pool LEFT JOIN LATERAL (
        SELECT number, digest FROM share_receipt WHERE pool_id = pool.id ORDER BY number DESC LIMIT 1
      ) last ON true
     WHERE pool.name = ${pool}`.execute(trx);
  const [row] = rows;
  if (row === undefined) throw new Error(`shares of the pool ${pool} were booked, and it is not there`);
  return row;
};

interface Closing {
  readonly afterSequence: bigint;
  readonly toSequence: bigint;
  readonly atMs: number;
  readonly audit: AuditAnchor;
}

const writeReceipt = async (
  trx: Transaction<Schema>,
  pool: string,
  leaves: readonly ReceiptLeaf[],
  { afterSequence, toSequence, atMs, audit }: Closing,
): Promise<void> => {
  const last = await lastReceipt(trx, pool);
  const head: ReceiptHead = {
    pool,
    number: BigInt(last.number ?? 0) + 1n,
    afterSequence,
    toSequence,
    closedAtMs: atMs,
    batches: leaves.length,
    shares: leaves.reduce((sum, { shares }) => sum + BigInt(shares), 0n),
    root: merkleRoot(leaves.map(({ hash }) => hash)) ?? NO_RECEIPT,
    previous: last.digest ?? NO_RECEIPT,
    audit,
  };
  await trx
    .insertInto('share_receipt')
    .values({
      pool_id: last.id,
      number: head.number,
      after_sequence: afterSequence,
      to_sequence: toSequence,
      closed_at_ms: BigInt(atMs),
      batches: head.batches,
      shares: head.shares,
      root: head.root,
      previous: head.previous,
      digest: receiptDigest(head),
      audit_seq: audit.sequence,
      audit_hash: audit.hash,
    })
    .execute();
  await trx
    .insertInto('share_receipt_leaves')
    .values({ pool_id: last.id, number: head.number, to_sequence: toSequence, leaves: encodeLeaves(leaves) })
    .execute();
};

/** All that was booked up to `toSequence` belongs to it. */
export const closeInterval = async (
  trx: Transaction<Schema>,
  interval: Interval,
  toSequence: bigint,
  atMs: number,
): Promise<void> => {
  const { seq: sequence, hash } = await readHead(trx);
  const closing = { afterSequence: interval.afterSequence, toSequence, atMs, audit: { sequence, hash } };
  for (const [pool, leaves] of interval.pools) await writeReceipt(trx, pool, leaves, closing);
  await trx
    .updateTable('share_interval')
    .set({ after_sequence: toSequence, opened_at_ms: BigInt(atMs) })
    .execute();
};

/** The interval under way, without its leaves. */
export const readInterval = async (db: Kysely<Schema>): Promise<Interval> => {
  const row = await db.selectFrom('share_interval').selectAll().executeTakeFirstOrThrow();
  return new Interval(BigInt(row.after_sequence), Number(row.opened_at_ms));
};
