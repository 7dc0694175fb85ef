/** Schemas of what Ethereum nodes say: only the fields we read. On the wire numbers are hex. */
import { z } from 'zod';

const hexOf = (digits: number) =>
  z
    .string()
    .max(2 + digits)
    .regex(/^0x[0-9a-f]*$/i, 'expected hex')
    .refine((text) => text.length === 2 + digits, `expected 0x and ${digits} hex digits`)
    .transform((text) => text.toLowerCase());

export const hashSchema = hexOf(64);

export const amountSchema = z
  .string()
  .max(66)
  .regex(/^0x[0-9a-f]+$/i, 'expected a number in hex')
  .transform(BigInt);

export const countSchema = amountSchema.transform(Number).refine(Number.isSafeInteger, 'number too large');

export const syncingSchema = z.union([z.literal(false), z.looseObject({})]);

/** `0x`: an account without code. */
export const codeSchema = z
  .string()
  .max(200_000)
  .regex(/^0x([0-9a-f]{2})*$/i, 'expected hex');

export const blockSchema = z.looseObject({
  hash: hashSchema,
  number: countSchema,
  /** With EIP-1559. */
  baseFeePerGas: amountSchema.optional(),
});

export const fullBlockSchema = z.looseObject({
  transactions: z
    .array(z.looseObject({ hash: hashSchema, from: hexOf(40), nonce: countSchema }))
    .max(100_000),
});

/** `null`: there is none. */
export const maybeBlockSchema = blockSchema.nullable();
export const maybeTransactionSchema = z.looseObject({ hash: hashSchema }).nullable();

export const maybeReceiptSchema = z
  .looseObject({
    blockHash: hashSchema,
    blockNumber: countSchema,
    gasUsed: amountSchema,
    /** 0: it was taken into the block and changed nothing. */
    status: countSchema,
    /** Some nodes say it since EIP-1559 only. */
    effectiveGasPrice: amountSchema.optional(),
  })
  .nullable();
