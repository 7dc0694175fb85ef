/** What operators ask about payouts, and decide about them. Amounts are decimal text in atomic units. */
import { z } from 'zod';
import { auditEventSchema } from './audit.ts';

const decimal = z.string().regex(/^\d+$/);
const unixMs = z.number().int();
const poolId = z.string().min(1).max(24);
const page = { limit: z.number().int().min(1).max(1_001), offset: z.number().int().min(0) };

/** payoutBatches: newest first. */
export const payoutBatchesRequestSchema = z.object({
  poolId: poolId.optional(),
  /** Only what may still change. */
  isOpen: z.boolean(),
  ...page,
});
export type PayoutBatchesRequest = z.infer<typeof payoutBatchesRequestSchema>;

export const payoutBatchSchema = z.object({
  id: decimal,
  poolId: z.string(),
  coin: z.string(),
  state: z.enum([
    'planned',
    'awaiting_approval',
    'approved',
    'signed',
    'broadcast',
    'confirmed',
    'cancelled',
    'conflicted',
  ]),
  /** Who bears the network's fee. */
  feeRule: z.enum(['pool', 'miners']),
  payees: z.number().int(),
  /** What miners' accounts are debited, and what the outputs come to. */
  grossAtomic: decimal,
  netAtomic: decimal,
  plannedAtMs: unixMs,
  movedAtMs: unixMs,
  /** Nothing about it can change any more. */
  isSettled: z.boolean(),
  /** Why it stands where it stands. */
  note: z.string().optional(),
  /** The original, then its replacements. */
  transactions: z.array(
    z.object({
      txid: z.string(),
      feeAtomic: decimal,
      standing: z.enum(['unknown', 'pending', 'confirmed', 'conflicted', 'failed']),
      confirmations: z.number().int(),
    }),
  ),
});
export type PayoutBatchSummary = z.infer<typeof payoutBatchSchema>;

/** payoutPlan: whom the next planning would pay now. */
export const payoutPlanRequestSchema = z.object({ poolId: poolId.optional() });
export type PayoutPlanRequest = z.infer<typeof payoutPlanRequestSchema>;

/** Of those who are not paid; there can be as many as miners. */
export const MAX_UNPAID = 1_000;

const unpaidSchema = z.object({ address: z.string(), owedAtomic: decimal, reason: z.string() });

export const payoutPlanSchema = z.object({
  poolId: z.string(),
  coin: z.string(),
  /** Null: the wallet could not be asked. */
  plan: z
    .object({
      grossAtomic: decimal,
      netAtomic: decimal,
      /** What the network is expected to take. */
      feeAtomic: decimal,
      needsApproval: z.boolean(),
      outputs: z.array(z.object({ address: z.string(), amountAtomic: decimal })),
      /** Due, and not in this batch; at most MAX_UNPAID of them. */
      held: z.array(unpaidSchema),
      heldTotal: z.number().int(),
      /** Addresses that cannot be paid; at most MAX_UNPAID of them. */
      refused: z.array(unpaidSchema),
      refusedTotal: z.number().int(),
    })
    .nullable(),
});
export type PayoutPlanSummary = z.infer<typeof payoutPlanSchema>;

export const PAYOUT_DECISIONS = ['approve', 'retry', 'cancel'] as const;
export type PayoutDecision = (typeof PAYOUT_DECISIONS)[number];

const MAX_REASON_CHARS = 200;

/** What is sent with a decision; it goes into the audit log. */
export const decisionReasonSchema = z.strictObject({ reason: z.string().max(MAX_REASON_CHARS).default('') });
export const cancelReasonSchema = z.strictObject({ reason: z.string().trim().min(1).max(MAX_REASON_CHARS) });

/** decidePayout: idempotent only in so far as a batch that has moved on refuses it. */
export const payoutDecisionSchema = z.object({
  id: decimal.max(18),
  decision: z.enum(PAYOUT_DECISIONS),
  reason: z.string().max(MAX_REASON_CHARS),
  /** Who decides, and from where: audited with it. */
  actor: auditEventSchema.shape.actor,
  address: auditEventSchema.shape.address,
});
export type PayoutDecisionRequest = z.infer<typeof payoutDecisionSchema>;

export const payoutDecisionReplySchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), batch: payoutBatchSchema }),
  z.object({ ok: z.literal(false), code: z.enum(['not-found', 'conflict']), reason: z.string() }),
]);
export type PayoutDecisionReply = z.infer<typeof payoutDecisionReplySchema>;
