/** Payments to miners: outputs of payouts, and outputs of coinbases that pay miners themselves. */
import { z } from 'zod';
import { MAX_PAGE_ROWS } from './query-requests.ts';

const decimal = z.string().regex(/^\d+$/);
const unixMs = z.number().int();

/** Where a page ends: time, kind, batch or block, and output. Pages stay apart while payments are added. */
export const PAYMENT_CURSOR = /^\d{1,15}-[01]-\d{1,18}-\d{1,9}$/;

/** accountingPayments: the newest first. */
export const paymentsRequestSchema = z.object({
  poolId: z.string().min(1).max(24).optional(),
  address: z.string().min(1).max(255).optional(),
  /** Only those that come after this one in the list. */
  after: z.string().regex(PAYMENT_CURSOR).optional(),
  limit: z.number().int().min(1).max(MAX_PAGE_ROWS),
});
export type PaymentsRequest = z.infer<typeof paymentsRequestSchema>;

export const paymentSchema = z.object({
  /** Of this list: what `after` takes. */
  cursor: z.string(),
  kind: z.enum(['payout', 'coinbase']),
  poolId: z.string(),
  coin: z.string(),
  symbol: z.string(),
  decimals: z.number().int(),
  address: z.string(),
  /** What arrives. */
  amountAtomic: decimal,
  /** Of what was owed, the part that went to the network; nothing where the pool bears it. */
  feeAtomic: decimal,
  /** A payout's way, or what became of the block whose coinbase pays. */
  state: z.enum([
    'planned',
    'awaiting_approval',
    'approved',
    'signed',
    'broadcast',
    'confirmed',
    'cancelled',
    'conflicted',
    'immature',
    'matured',
    'orphaned',
    'rejected',
  ]),
  /** When it was planned, or its block found. */
  atMs: unixMs,
  /** Of a payout. */
  batch: decimal.optional(),
  /** Of a coinbase. */
  block: z.object({ height: z.number().int(), hash: z.string() }).optional(),
  /** The original, then its replacements; none before one is signed. */
  transactions: z.array(
    z.object({
      txid: z.string(),
      standing: z.enum(['unknown', 'pending', 'confirmed', 'conflicted', 'failed']),
      confirmations: z.number().int(),
    }),
  ),
});
export type Payment = z.infer<typeof paymentSchema>;
