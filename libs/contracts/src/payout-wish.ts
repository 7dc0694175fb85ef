/** accountingPayoutWish: from what balance on a miner wants to be paid, said at a login or in a signed message. */
import { z } from 'zod';

const MAX_MESSAGE_CHARS = 600;
const MAX_SIGNATURE_CHARS = 200;
const address = z.string().min(1).max(255);
const amount = z.string().regex(/^\d{1,15}(?:\.\d{1,18})?$/);

/** In a message of libs/payouts; the address is named again, so that nobody sets another one by mistake. */
export const signedWishSchema = z.strictObject({
  message: z.string().min(1).max(MAX_MESSAGE_CHARS),
  signature: z.string().min(1).max(MAX_SIGNATURE_CHARS),
});

export const payoutWishSchema = z.discriminatedUnion('kind', [
  /** By whom a share for the address was accepted. The minimum is in coins of the pool's own chain. */
  z.object({ kind: z.literal('login'), poolId: z.string().min(1).max(24), address, minimum: amount }),
  signedWishSchema.extend({ kind: z.literal('signed'), address }),
]);
export type PayoutWishRequest = z.infer<typeof payoutWishSchema>;

export const payoutWishReplySchema = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    poolId: z.string(),
    coin: z.string(),
    address: z.string(),
    /** Atomic units. */
    minimumAtomic: z.string().regex(/^\d+$/),
  }),
  /** Why it is not taken, for the miner to read. */
  z.object({ ok: z.literal(false), reason: z.string() }),
]);
export type PayoutWishReply = z.infer<typeof payoutWishReplySchema>;
