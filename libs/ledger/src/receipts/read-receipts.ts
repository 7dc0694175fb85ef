/** Receipts as they were closed, and the proof that a share is in one. */
import { type DurableLog, ShareBatchView } from '@otedama/contracts';
import {
  batchLeaf,
  batchRoot,
  merklePath,
  type ReceiptHead,
  type ShareEvidence,
  shareEvidence,
  shareLeaves,
} from '@otedama/receipts';
import { type Kysely, sql } from 'kysely';
import type { Page } from '../reports/workers.ts';
import type { Schema } from '../schema.ts';
import { decodeLeaves } from './leaves.ts';

export interface Receipt extends ReceiptHead {
  readonly digest: Buffer;
}

interface ReceiptRow {
  readonly pool: string;
  readonly number: string;
  readonly after_sequence: string;
  readonly to_sequence: string;
  readonly closed_at_ms: string;
  readonly batches: number;
  readonly shares: string;
  readonly root: Buffer;
  readonly previous: Buffer;
  readonly digest: Buffer;
  readonly audit_seq: string | null;
  readonly audit_hash: Buffer | null;
}

const toReceipt = (row: ReceiptRow): Receipt => ({
  pool: row.pool,
  number: BigInt(row.number),
  afterSequence: BigInt(row.after_sequence),
  toSequence: BigInt(row.to_sequence),
  closedAtMs: Number(row.closed_at_ms),
  batches: row.batches,
  shares: BigInt(row.shares),
  root: row.root,
  previous: row.previous,
  digest: row.digest,
  ...(row.audit_seq === null || row.audit_hash === null
    ? {}
    : { audit: { sequence: BigInt(row.audit_seq), hash: row.audit_hash } }),
});

const COLUMNS = sql`pool.name AS pool, receipt.number, receipt.after_sequence, receipt.to_sequence,
  receipt.closed_at_ms, receipt.batches, receipt.shares, receipt.root, receipt.previous, receipt.digest,
  receipt.audit_seq, receipt.audit_hash`;

/** Newest first. */
export const listReceipts = async (
  db: Kysely<Schema>,
  pool: string,
  { limit, offset }: Page,
): Promise<readonly Receipt[]> => {
  const { rows } = await sql<ReceiptRow>`
    SELECT ${COLUMNS} FROM share_receipt receipt JOIN pool ON pool.id = receipt.pool_id
     WHERE pool.name = ${pool} ORDER BY receipt.number DESC LIMIT ${limit} OFFSET ${offset}`.execute(db);
  return rows.map(toReceipt);
};

/** A share by its place in the log. */
export interface SharePlace {
  readonly pool: string;
  readonly sequence: bigint;
  readonly index: number;
}

export interface ShareProof {
  readonly receipt: Receipt;
  readonly share: ShareEvidence;
  readonly batch: {
    readonly sequence: bigint;
    readonly closedAtMs: number;
    readonly count: number;
    readonly worth: Buffer;
    readonly path: readonly Buffer[];
  };
  /** Of the batch among those of the receipt. */
  readonly batchIndex: number;
  readonly path: readonly Buffer[];
}

export type ProofRefusal =
  /** The log does not have it, or has it no more. */
  | 'no-such-share'
  /** Its interval is under way, or is older than receipts are. */
  | 'no-receipt'
  /** The log holds something else than what the receipt was made of. */
  | 'contradiction';

export type ProofOutcome =
  | { readonly ok: true; readonly proof: ShareProof }
  | { readonly ok: false; readonly reason: ProofRefusal };

const receiptOver = async (db: Kysely<Schema>, { pool, sequence }: SharePlace) => {
  const { rows } = await sql<ReceiptRow & { readonly leaves: Buffer }>`
    SELECT ${COLUMNS}, kept.leaves
      FROM share_receipt receipt JOIN pool ON pool.id = receipt.pool_id
      JOIN share_receipt_leaves kept ON kept.pool_id = receipt.pool_id AND kept.number = receipt.number
     WHERE pool.name = ${pool} AND receipt.to_sequence >= ${sequence}
     ORDER BY receipt.to_sequence LIMIT 1`.execute(db);
  return rows[0];
};

const refused = (reason: ProofRefusal): ProofOutcome => ({ ok: false, reason });

export const proveShare = async (
  db: Kysely<Schema>,
  log: Pick<DurableLog, 'readAt'>,
  place: SharePlace,
): Promise<ProofOutcome> => {
  const { sequence, index } = place;
  const entry = await log.readAt(sequence);
  const batch = entry === undefined ? undefined : new ShareBatchView(entry.payload);
  if (batch === undefined || batch.poolId !== place.pool || index >= batch.count) {
    return refused('no-such-share');
  }
  const row = await receiptOver(db, place);
  if (row === undefined || BigInt(row.after_sequence) >= sequence) return refused('no-receipt');
  const leaves = decodeLeaves(row.leaves);
  const batchIndex = leaves.indexOf(sequence);
  const root = batchRoot(batch);
  // A batch that came again under its id stands in the log twice; its first place is the one that counts.
  if (batchIndex < 0 || root === undefined) return refused('no-receipt');
  const { batchId, closedAtMs, count, worthBytes: worth } = batch;
  const leaf = batchLeaf({ batchId, sequence, closedAtMs, count, worth, root });
  if (leaves.hashes[batchIndex]?.equals(leaf) !== true) return refused('contradiction');
  return {
    ok: true,
    proof: {
      receipt: toReceipt(row),
      share: shareEvidence(batch, index),
      batch: { sequence, closedAtMs, count, worth, path: merklePath(shareLeaves(batch), index) },
      batchIndex,
      path: merklePath(leaves.hashes, batchIndex),
    },
  };
};
