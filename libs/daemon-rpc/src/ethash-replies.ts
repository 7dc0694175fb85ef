/**
 * Replies of Ethereum nodes, and the two texts that go between the pool and this library: the work of a template
 * and the solution of a submission. On the wire hex has `0x`; here it has none, and is in lower case.
 */
import { z } from 'zod';

const HEX = /^0x[0-9a-f]*$/i;

const hexOf = (digits: number) =>
  z
    .string()
    .max(2 + digits)
    .regex(HEX)
    .refine((text) => text.length === 2 + digits, `expected 0x and ${digits} hex digits`)
    .transform((text) => text.slice(2).toLowerCase());

const hash = hexOf(64);

const quantity = z
  .string()
  .max(66)
  .regex(/^0x[0-9a-f]+$/i, 'expected a number in hex')
  .transform(Number)
  .refine(Number.isSafeInteger, 'number too large');

export const chainIdSchema = quantity;

/** Some nodes leave out the height. */
export const workSchema = z
  .union([z.tuple([hash, hash, hash]), z.tuple([hash, hash, hash, quantity])])
  .transform(([headerHash, seedHash, boundary, height]) => ({ headerHash, seedHash, boundary, height }));

/** Of blocks and of uncles. */
export const blockSchema = z.looseObject({
  hash,
  parentHash: hash,
  number: quantity,
  nonce: hexOf(16),
  mixHash: hash,
  uncles: z.array(hash).max(16).default([]),
});
export type EthereumBlock = z.infer<typeof blockSchema>;

const wide = z
  .string()
  .max(66)
  .regex(/^0x[0-9a-f]+$/i, 'expected a number in hex')
  .transform(BigInt);

/** With its transactions, and what each of them offers for its gas. */
export const fullBlockSchema = blockSchema.extend({
  transactions: z.array(z.looseObject({ hash, gasPrice: wide })).max(100_000),
  /** With EIP-1559: the part of a price that no miner gets. */
  baseFeePerGas: wide.optional(),
});

/** Before EIP-1559 the effective price is that of the transaction, and some nodes do not tell it. */
export const receiptSchema = z
  .looseObject({ blockHash: hash, gasUsed: wide, effectiveGasPrice: wide.optional() })
  .nullable();

/** `null`: there is none. */
export const maybeBlockSchema = blockSchema.nullable();

export const syncingSchema = z.union([z.literal(false), z.looseObject({ highestBlock: quantity })]);

export const submitWorkSchema = z.boolean();

/** The template value of this family. All hashes are 64 hex digits; `boundary` is a big-endian number. */
export interface EthashWork {
  readonly headerHash: string;
  readonly seedHash: string;
  readonly boundary: string;
  readonly height: number;
  readonly previousBlockHash: string;
}

const optionalPrefix = (digits: number) =>
  z
    .string()
    .max(2 + digits)
    .transform((text) => text.replace(/^0x/, '').toLowerCase())
    .refine((text) => text.length === digits && HEX.test(`0x${text}`), `expected ${digits} hex digits`);

/** With the height, a solution that is refused can be looked for in the chain. */
export const solutionSchema = z.strictObject({
  nonce: optionalPrefix(16),
  headerHash: optionalPrefix(64),
  mixHash: optionalPrefix(64),
  height: z.number().int().nonnegative().optional(),
});
export type EthashSolution = z.infer<typeof solutionSchema>;
