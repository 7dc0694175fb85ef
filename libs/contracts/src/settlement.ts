/** The settlement sheet of a block, as the books give it: everything that is needed to do its sums again. */
import { z } from 'zod';

const decimal = z.string().regex(/^-?\d+$/);
const unixMs = z.number().int();

/** accountingSettlement: of one block; the reply is empty where no such block was booked. */
export const settlementRequestSchema = z.object({
  coin: z.string().min(1).max(64),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  address: z.string().min(1).max(255).optional(),
  limit: z.number().int().min(1).max(1_000),
  offset: z.number().int().min(0),
});
export type SettlementRequest = z.infer<typeof settlementRequestSchema>;

export const settlementSchema = z.object({
  poolId: z.string(),
  coin: z.string(),
  symbol: z.string(),
  decimals: z.number().int(),
  height: z.number().int(),
  hash: z.string(),
  prevHash: z.string(),
  /** Empty where the daemon does not tell. */
  coinbaseTxid: z.string(),
  state: z.enum(['immature', 'matured', 'orphaned', 'rejected']),
  confirmations: z.number().int(),
  foundAtMs: unixMs,
  finder: z.string(),
  rewardAtomic: decimal,
  /** Expected hashes of a block, and what the pool did since the block before; their ratio is the effort. */
  networkWork: decimal,
  roundWork: decimal.optional(),
  effort: z.number().optional(),
  /** Scheme, window, fee and splits that the block was credited under. */
  terms: z.record(z.string(), z.unknown()).optional(),
  window: z
    .object({
      /** Positions in the log of shares, both included; without `from` it holds no shares. */
      from: decimal.optional(),
      to: decimal,
      work: decimal,
      /** Of a full window; absent where a window has no size in work. */
      capacity: decimal.optional(),
      /** Of a round: the parts that no block before has paid. Absent: all from `from` to `to`. */
      ranges: z.array(z.object({ from: decimal, to: decimal })).optional(),
      /** The entry at the far edge, of whose work only a part is inside. */
      edge: z.object({ sequence: decimal, work: decimal, workInside: decimal }).optional(),
    })
    .optional(),
  feeAtomic: decimal,
  /** Out of the whole fee, of which `feeAtomic` is what is left. */
  splits: z.array(z.object({ address: z.string(), amountAtomic: decimal })),
  /** What falls to work that was paid by the share: the bankroll's. */
  bankrollAtomic: decimal,
  /** A, what is divided among the miners. */
  dividedAtomic: decimal,
  /** Reward less fee, splits, the bankroll's part and all amounts. */
  remainderAtomic: decimal,
  /** W, the work of all miners of the division. */
  totalWork: decimal,
  /** Whether the amounts, worked out anew from the booked work, are those that were posted. */
  verdict: z.enum(['equal', 'different', 'pruned', 'not_credited']),
  remarks: z.array(z.string()),
  /** The journal entry that credited it last, and whether that was taken back since. */
  creditedBy: decimal.optional(),
  isTakenBack: z.boolean(),
  entries: z.array(
    z.object({
      id: decimal,
      kind: z.string(),
      atMs: unixMs,
      reverses: decimal.optional(),
      postings: z.array(z.object({ account: z.string(), amountAtomic: decimal })),
    }),
  ),
  /**
   * In the order of the division: the n-th gets `floor(A * W(n) / W) - floor(A * W(n-1) / W)` of the amount A,
   * W(n) being `cumulativeWork`.
   */
  miners: z.array(
    z.object({
      address: z.string(),
      work: decimal,
      cumulativeWork: decimal,
      cumulativeAtomic: decimal,
      amountAtomic: decimal,
      bookedAtomic: decimal,
    }),
  ),
  minersTotal: z.number().int(),
});
export type Settlement = z.infer<typeof settlementSchema>;

export const settlementsSchema = z.array(settlementSchema).max(1);
