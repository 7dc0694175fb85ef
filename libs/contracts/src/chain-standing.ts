/** What has become of a block of ours, in the word of its chain's daemons: accounting asks, share-validator answers. */
import { z } from 'zod';

export const chainStandingRequestSchema = z.object({
  poolId: z.string().min(1).max(24),
  coin: z.string().min(1).max(40),
  /** Display order. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Tells a block that no daemon knows (any more) from one that is only late. */
  height: z.number().int().nonnegative(),
});
export type ChainStandingRequest = z.infer<typeof chainStandingRequestSchema>;

const decimal = z.string().regex(/^\d{1,39}$/);

export const chainStandingSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('main'),
    confirmations: z.number().int().positive(),
    /** Atomic units, decimal; where only the chain can tell it. */
    rewardAtomic: decimal.optional(),
  }),
  /** Beside the main chain, and paid for: a block of the main chain names it, whose confirmations these are. */
  z.object({
    kind: z.literal('uncle'),
    confirmations: z.number().int().positive(),
    rewardAtomic: decimal,
  }),
  /** `depth`: blocks that the main chain has from the block's height on; one or two may still be undone. */
  z.object({ kind: z.literal('orphaned'), depth: z.number().int().positive() }),
  /** Nobody to ask, nobody who knows, or no agreement: moves no money. */
  z.object({ kind: z.literal('unknown') }),
]);
export type ChainStanding = z.infer<typeof chainStandingSchema>;
