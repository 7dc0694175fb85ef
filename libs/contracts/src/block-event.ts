/**
 * One entry of the `BLOCKS` log: a candidate of ours and what the daemons said of it. JSON, because blocks
 * are rare and people read it. Dedupe id: `blockEventId`. Delivery: at least once, in order.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';

const hex32 = z.string().regex(/^[0-9a-f]{64}$/);

export const blockEventSchema = z.strictObject({
  poolId: z.string().min(1),
  coin: z.string().min(1),
  height: z.number().int().nonnegative(),
  /** Display order. */
  hash: hex32,
  prevHash: hex32,
  /** Coinbase transaction id, display order. Empty where the daemon makes the block and does not tell. */
  coinbaseTxid: hex32.or(z.literal('')),
  /** Atomic units, decimal: subsidy and fees as the coinbase pays them to the pool. */
  rewardAtomic: z.string().regex(/^\d+$/),
  /** Expected hashes of the block at its network target, decimal. */
  networkWork: z.string().regex(/^\d+$/),
  address: z.string(),
  worker: z.string(),
  /** The share batch that held the candidate (hex): the end of its PPLNS window. */
  batchId: z.string().regex(/^[0-9a-f]{32}$/),
  foundAtMs: z.number().int(),
  outcome: z.enum(['accepted', 'rejected']),
  /** The daemon's word for a rejected one. */
  reason: z.string().optional(),
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
