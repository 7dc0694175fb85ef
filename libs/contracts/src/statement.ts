/** What one address has earned and been paid, and what that was worth where a price is known. */
import { z } from 'zod';

const decimal = z.string().regex(/^-?\d+$/);
const unixMs = z.number().int();

/** accountingStatement: of one address in all pools; entries newest first. */
export const statementRequestSchema = z.object({
  address: z.string().min(1).max(255),
  limit: z.number().int().min(1).max(1_000),
  offset: z.number().int().min(0),
});
export type StatementRequest = z.infer<typeof statementRequestSchema>;

/** Nothing is converted silently: with the price, its source and its time, or with the reason why not. */
export const valuationSchema = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    currency: z.string(),
    /** Cut to cents. */
    value: z.string(),
    /** Of one whole coin. */
    price: z.string(),
    priceAtMs: unixMs,
    source: z.string(),
  }),
  z.object({
    ok: z.literal(false),
    reason: z.enum(['no_currency', 'no_unit', 'no_price', 'stale_price']),
    /** In a sentence. */
    detail: z.string(),
  }),
]);
export type Valuation = z.infer<typeof valuationSchema>;

const unit = { coin: z.string(), symbol: z.string(), decimals: z.number().int() };

export const statementSchema = z.object({
  address: z.string(),
  atMs: unixMs,
  balances: z.array(
    z.object({
      poolId: z.string(),
      ...unit,
      immatureAtomic: decimal,
      maturedAtomic: decimal,
      /** In a payout that the chain has not confirmed yet. */
      payingAtomic: decimal,
      paidAtomic: decimal,
      /** Of all that is owed, now. */
      valuation: valuationSchema,
    }),
  ),
  entries: z.array(
    z.object({
      entry: decimal,
      kind: z.string(),
      atMs: unixMs,
      poolId: z.string(),
      ...unit,
      /** By account of the miner: positive is owed more, negative less. */
      amounts: z.array(z.object({ account: z.string(), amountAtomic: decimal })),
      /** Its settlement sheet says how the amount came about; the window is a range of the log of shares. */
      block: z
        .object({
          height: z.number().int(),
          hash: z.string(),
          windowFrom: decimal.optional(),
          windowTo: decimal.optional(),
        })
        .optional(),
      payout: z.object({ batch: decimal, txids: z.array(z.string()) }).optional(),
      /** Shares that were paid as they came: a range of the log. */
      shares: z.object({ from: decimal, to: decimal }).optional(),
      /** Of the change of what is owed, at the time of the entry. Absent where money only moved between accounts. */
      valuation: valuationSchema.optional(),
    }),
  ),
  limit: z.number().int(),
  offset: z.number().int(),
  more: z.boolean(),
});
export type Statement = z.infer<typeof statementSchema>;
