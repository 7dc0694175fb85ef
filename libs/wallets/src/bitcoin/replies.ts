/** Schemas of the replies that a payout depends on. Only the fields we read are checked. */
import { z } from 'zod';

/** Every coin of the family has eight decimals. Exact for amounts below 2^53 atomic units, 90 million coins. */
const ATOMIC_PER_COIN = 100_000_000;

const hashSchema = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits');
const hexSchema = z.string().regex(/^(?:[0-9a-f]{2})+$/, 'expected hex');

export const amountSchema = z
  .number()
  .min(-1e12)
  .max(1e12)
  .transform((amount) => BigInt(Math.round(amount * ATOMIC_PER_COIN)));

export const chainSchema = z
  .looseObject({ blocks: z.number().int().nonnegative(), initialblockdownload: z.boolean().optional() })
  .transform((info) => ({ blocks: info.blocks, isSyncing: info.initialblockdownload ?? false }));

export const blockHashSchema = hashSchema;

export const walletInfoSchema = z.looseObject({
  /** Since 0.17; older wallets always have keys. */
  private_keys_enabled: z.boolean().optional(),
  /** Unix seconds, 0 for locked; absent where there is no passphrase. */
  unlocked_until: z.number().optional(),
  /** False, or how far it has come. */
  scanning: z.union([z.boolean(), z.looseObject({})]).optional(),
});

export const validitySchema = z
  .looseObject({ isvalid: z.boolean() })
  .transform(({ isvalid: isValid }) => isValid);
/** Of `getaddressinfo`, and of `validateaddress` before 0.17. */
export const ownershipSchema = z
  .looseObject({ ismine: z.boolean() })
  .transform(({ ismine: isMine }) => isMine);

export const addressSchema = z.string().min(1).max(160);

const outputSchema = z.looseObject({
  txid: hashSchema,
  vout: z.number().int().nonnegative(),
  amount: amountSchema,
  confirmations: z.number().int(),
  scriptPubKey: hexSchema,
  redeemScript: hexSchema.optional(),
  spendable: z.boolean().optional(),
  /** Bitcoin Cash: the coin carries tokens, which a payment would destroy. */
  tokenData: z.unknown().optional(),
});
export type UnspentOutput = z.infer<typeof outputSchema>;

/** Outputs of Litecoin's extension block are in the list too; they have no script and are left out. */
export const unspentSchema = z
  .array(z.union([outputSchema, z.looseObject({}).transform(() => undefined)]))
  .transform((outputs) => outputs.filter((output) => output !== undefined));

export const signedSchema = z.looseObject({
  hex: hexSchema,
  complete: z.boolean(),
  errors: z.array(z.looseObject({ error: z.string().optional() })).optional(),
});

export const walletTransactionSchema = z
  .looseObject({
    /** Negative: something else that spends the same is so deep. */
    confirmations: z.number().int(),
    blockhash: hashSchema.optional(),
    walletconflicts: z.array(hashSchema).optional(),
    hex: hexSchema,
  })
  .transform(({ confirmations, blockhash, walletconflicts, hex }) => ({
    confirmations,
    blockHash: blockhash,
    conflicts: walletconflicts ?? [],
    hex,
  }));
export type WalletTransaction = z.infer<typeof walletTransactionSchema>;

/** Neither coinbases, which spend nothing, nor what is not in the chain. */
export const sinceBlockSchema = z
  .looseObject({
    transactions: z.array(
      z.looseObject({ txid: hashSchema, category: z.string(), confirmations: z.number().int() }),
    ),
  })
  .transform(({ transactions }) => [
    ...new Set(
      transactions
        .filter(({ category, confirmations }) => confirmations > 0 && ['send', 'receive'].includes(category))
        .map(({ txid }) => txid),
    ),
  ]);

export const memoryPoolSchema = z.looseObject({ mempoolminfee: amountSchema.optional() });
export const networkSchema = z.looseObject({
  relayfee: amountSchema,
  incrementalfee: amountSchema.optional(),
});

/** Absent or not positive: no estimate. */
export const estimateSchema = z
  .looseObject({ feerate: amountSchema.optional() })
  .transform(({ feerate }) => (feerate !== undefined && feerate > 0n ? feerate : undefined));

export const balancesSchema = z
  .looseObject({ mine: z.looseObject({ immature: amountSchema }) })
  .transform(({ mine }) => mine.immature);
/** Of `getwalletinfo`, before there was `getbalances`. */
export const oldBalancesSchema = z
  .looseObject({ immature_balance: amountSchema })
  .transform((info) => info.immature_balance);
