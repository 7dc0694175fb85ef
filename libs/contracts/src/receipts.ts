/** Share receipts as they travel: what docs/receipts.md tells those who verify them. */
import { z } from 'zod';

const decimal = z.string().regex(/^\d+$/);
const hex = z.string().regex(/^(?:[0-9a-f]{2})*$/);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const unixMs = z.number().int();
const poolId = z.string().min(1).max(24);

/** accountingReceipts: of one pool, newest first. */
export const receiptsRequestSchema = z.object({
  poolId,
  limit: z.number().int().min(1).max(1_001),
  offset: z.number().int().min(0),
});
export type ReceiptsRequest = z.infer<typeof receiptsRequestSchema>;

export const receiptSchema = z.object({
  pool: z.string(),
  /** 1, 2, 3, ... within the pool. */
  number: decimal,
  /** The part of the log of shares: after the one, up to the other. */
  afterSequence: decimal,
  toSequence: decimal,
  closedAtMs: unixMs,
  batches: z.number().int(),
  shares: decimal,
  /** Of the Merkle tree over its batches. */
  root: hash,
  /** Digest of the receipt before; zeros for the first. */
  previous: hash,
  digest: hash,
  /** Where the audit log had come to (docs/audit.md); missing in receipts of the first format. */
  audit: z.object({ sequence: decimal, hash }).optional(),
});
export type ReceiptSummary = z.infer<typeof receiptSchema>;

/** accountingShares: of a miner, those received next to a moment first. */
export const sharesRequestSchema = z.object({
  poolId,
  address: z.string().min(1).max(255),
  worker: z.string().max(255).optional(),
  atMs: unixMs,
  /** Of the proof of work, in either byte order. */
  powHash: hash.optional(),
  limit: z.number().int().min(1).max(1_000),
});
export type SharesRequest = z.infer<typeof sharesRequestSchema>;

export const loggedShareSchema = z.object({
  /** Entry of the log of shares, and place in it: what a proof is asked for by. */
  sequence: decimal,
  index: z.number().int(),
  worker: z.string(),
  work: decimal,
  receivedAtMs: unixMs,
  closedAtMs: unixMs,
  verdict: z.enum(['accepted', 'block', 'block_without_work']),
  /** As hashed. */
  powHash: hash,
});
export type LoggedShare = z.infer<typeof loggedShareSchema>;

/** accountingShareProof: of a share by its place in the log. */
export const shareProofRequestSchema = z.object({
  poolId,
  sequence: decimal,
  index: z.number().int().min(0).max(65_535),
});
export type ShareProofRequest = z.infer<typeof shareProofRequestSchema>;

export const shareProofSchema = z.object({
  format: z.enum(['otedama-receipt-1', 'otedama-receipt-2']),
  share: z.object({
    batchId: hex,
    index: z.number().int(),
    /** The 192 bytes of its record in the log (docs/receipts.md). */
    record: hex,
    /** u8 length, address, u8 length, worker. */
    account: hex,
    address: z.string(),
    worker: z.string(),
  }),
  batch: z.object({
    sequence: decimal,
    closedAtMs: unixMs,
    /** Shares in it: the size of its tree. */
    count: z.number().int(),
    /** What its shares are worth, in a pool that pays by share; else empty. */
    worth: hex,
    path: z.array(hash),
  }),
  /** The batch's place among those of the receipt, and the path from it to the root. */
  batchIndex: z.number().int(),
  path: z.array(hash),
  receipt: receiptSchema,
});
export type ShareProofSummary = z.infer<typeof shareProofSchema>;

export const shareProofReplySchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), proof: shareProofSchema }),
  z.object({ ok: z.literal(false), reason: z.enum(['no-such-share', 'no-receipt', 'contradiction']) }),
]);
export type ShareProofReply = z.infer<typeof shareProofReplySchema>;
