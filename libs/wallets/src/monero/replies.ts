/** Schemas of what monero-wallet-rpc and monerod say: only the fields we read, everything else passes. */
import { z } from 'zod';

export const HASH = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits');
const HEX = z
  .string()
  .max(4_000_000)
  .regex(/^([0-9a-f]{2})+$/, 'expected hex');
const HEIGHT = z.number().int().nonnegative();
/** A number of JSON: above 2^53 piconero (9,007 XMR) it is rounded, which sums may be and amounts of ours are not. */
const ATOMIC = z.number().nonnegative();

export const emptySchema = z.looseObject({});
export const addressSchema = z.looseObject({ address: z.string().max(200) });
export const heightSchema = z.looseObject({ height: HEIGHT }).transform(({ height }) => height);

export const balanceSchema = z
  .looseObject({ balance: ATOMIC, unlocked_balance: ATOMIC })
  .transform((sums) => ({
    totalAtomic: BigInt(sums.balance),
    unlockedAtomic: BigInt(sums.unlocked_balance),
  }));

export const transferSchema = z.looseObject({
  tx_hash: HASH,
  tx_blob: HEX,
  tx_metadata: HEX,
  amount: ATOMIC,
  fee: z.number().int().positive(),
  /** Releases before 0.17.3 do not say it. */
  spent_key_images: z.looseObject({ key_images: z.array(HASH).min(1).max(1_000) }),
});

export const relayedSchema = z.looseObject({ tx_hash: HASH });

export const outgoingSchema = z.looseObject({
  out: z.array(z.looseObject({ txid: HASH })).default([]),
});

const status = z.string().max(1_024);

export const infoSchema = z.looseObject({
  status,
  nettype: z.string().max(64),
  height: HEIGHT,
  target_height: HEIGHT,
  synchronized: z.boolean().optional(),
});

export const feeEstimateSchema = z.looseObject({
  status,
  fee: z.number().int().positive(),
  /** Of the four priorities; releases before 0.18 have one fee and multiply it. */
  fees: z.array(z.number().int().positive()).max(16).default([]),
});

export const headerSchema = z.looseObject({
  status,
  block_header: z.looseObject({ hash: HASH, height: HEIGHT, depth: HEIGHT }),
});

export const transactionsSchema = z.looseObject({
  status,
  txs: z
    .array(
      z.looseObject({
        tx_hash: HASH,
        in_pool: z.boolean(),
        block_height: HEIGHT.optional(),
        as_json: z.string().max(4_000_000).default(''),
      }),
    )
    .default([]),
});

const inputsSchema = z.looseObject({
  vin: z.array(z.looseObject({ key: z.looseObject({ k_image: HASH }).optional() })).max(10_000),
});

/** The key images of a transaction, out of the text of JSON that monerod prints of it. */
export const keyImagesOfTextSchema = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue('not JSON');
      return z.NEVER;
    }
  })
  .pipe(inputsSchema)
  .transform(({ vin }) => vin.flatMap(({ key }) => (key === undefined ? [] : [key.k_image])));

/** 0 unspent, 1 spent in the chain, 2 in the pool. */
export const keyImagesSchema = z.looseObject({
  status,
  spent_status: z.array(z.number().int().min(0).max(2)),
});

const flag = z.boolean().default(false);

export const sentSchema = z.looseObject({
  status,
  reason: z.string().max(4_096).default(''),
  double_spend: flag,
  fee_too_low: flag,
  invalid_input: flag,
  invalid_output: flag,
  low_mixin: flag,
  overspend: flag,
  too_big: flag,
  too_few_outputs: flag,
  sanity_check_failed: flag,
  tx_extra_too_big: flag,
});
