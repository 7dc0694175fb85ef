/**
 * One entry of the `BLOCKS` log: a candidate of ours and what the daemons said of it. JSON, because blocks
 * are rare and people read it. Dedupe id: `blockEventId`. Delivery: at least once, in order.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { MAX_PAYEES } from './payees.ts';
import { parseTraceContext } from './tracing.ts';

const hex32 = z.string().regex(/^[0-9a-f]{64}$/);

const decimal = z.string().regex(/^\d+$/);

/** What the coinbase of a block pays to miners itself. A pool whose wallet pays its miners has none of it. */
const coinbasePayoutSchema = z.strictObject({
  /** The window that was shared out, as accounting told it: where it ends in the share log, and what a full one holds. */
  windowTo: decimal,
  windowCapacity: decimal,
  /** The fee that was taken off before. */
  feeBasisPoints: z.number().int().min(0).max(10_000),
  /** In the order of the outputs; `carriedAtomic` is the part of an amount that earlier blocks had left owing. */
  payments: z
    .array(z.strictObject({ address: z.string(), amountAtomic: decimal, carriedAtomic: decimal }))
    .max(MAX_PAYEES),
});
export type CoinbasePayout = z.infer<typeof coinbasePayoutSchema>;

export const blockEventSchema = z.strictObject({
  poolId: z.string().min(1),
  coin: z.string().min(1),
  height: z.number().int().nonnegative(),
  /** Display order. */
  hash: hex32,
  prevHash: hex32,
  /** Coinbase transaction id, display order. Empty where the daemon makes the block and does not tell. */
  coinbaseTxid: hex32.or(z.literal('')),
  /** Atomic units, decimal: subsidy and fees, all that the coinbase pays. */
  rewardAtomic: z.string().regex(/^\d+$/),
  /** Expected hashes of the block at its network target, decimal. */
  networkWork: z.string().regex(/^\d+$/),
  address: z.string(),
  worker: z.string(),
  /** The share batch that held the candidate (hex): the end of its PPLNS window. */
  batchId: z.string().regex(/^[0-9a-f]{32}$/),
  foundAtMs: z.number().int(),
  outcome: z.enum(['accepted', 'rejected']),
  coinbasePayout: coinbasePayoutSchema.optional(),
  /** The daemon's word for a rejected one. */
  reason: z.string().optional(),
  /** What led to it; there only where traces are configured, since earlier versions do not read it. */
  trace: z
    .string()
    .refine((text) => parseTraceContext(text) === text)
    .optional(),
});
export type BlockEvent = z.infer<typeof blockEventSchema>;

export const encodeBlockEvent = (event: BlockEvent): Buffer => Buffer.from(JSON.stringify(event), 'utf8');

/**
 * The block hash for an accepted block. Refusals of a block are one entry of their own: with merged mining one
 * block can have many proofs, and one that was refused must not hide a later one that is accepted.
 */
export const blockEventId = ({ hash, outcome }: Pick<BlockEvent, 'hash' | 'outcome'>): Buffer => {
  const id = Buffer.from(hash, 'hex');
  return outcome === 'accepted' ? id : createHash('sha256').update('rejected').update(id).digest();
};

export const decodeBlockEvent = (bytes: Buffer): BlockEvent =>
  blockEventSchema.parse(JSON.parse(bytes.toString('utf8')));
