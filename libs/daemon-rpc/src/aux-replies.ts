/** Replies of `createauxblock`, `getauxblock` and their submissions. */
import { z } from 'zod';
import { hashSchema, heightSchema } from './replies.ts';

const targetHexSchema = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits');

export interface AuxBlockFacts {
  /** Display order. This is what the proof commits to. */
  readonly hash: string;
  readonly chainId: number;
  readonly previousBlockHash: string;
  readonly height: number;
  readonly coinbaseValueAtomic: bigint;
  readonly bits: number;
  readonly target: bigint;
}

/** Undefined: negative, zero, or more than 256 bits. */
const targetOfBits = (bits: number): bigint | undefined => {
  const exponent = bits >>> 24;
  const mantissa = BigInt(bits & 0x7fffff);
  if ((bits & 0x800000) !== 0) return undefined;
  const target =
    exponent <= 3 ? mantissa >> BigInt(8 * (3 - exponent)) : mantissa << BigInt(8 * (exponent - 3));
  return target > 0n && target < 1n << 256n ? target : undefined;
};

const reversed = (hex: string): string => Buffer.from(hex, 'hex').reverse().toString('hex');

/**
 * The target is there twice. As text it is in reversed byte order, and called `target` or `_target`; the compact
 * form is the one of consensus, and what is used.
 */
export const auxBlockSchema = z
  .looseObject({
    hash: hashSchema,
    chainid: z.number().int().nonnegative().max(0xffff),
    previousblockhash: hashSchema,
    coinbasevalue: z.number().int().nonnegative(),
    bits: z.string().regex(/^[0-9a-f]{8}$/, 'expected 8 hex digits'),
    height: heightSchema,
    target: targetHexSchema.optional(),
    _target: targetHexSchema.optional(),
  })
  .transform((block, context): AuxBlockFacts => {
    const bits = Number.parseInt(block.bits, 16);
    const target = targetOfBits(bits);
    const told = block.target ?? block['_target'];
    if (target === undefined || (told !== undefined && BigInt(`0x${reversed(told)}`) !== target)) {
      context.addIssue({ code: 'custom', message: 'bits and target do not agree' });
      return z.NEVER;
    }
    return {
      hash: block.hash,
      chainId: block.chainid,
      previousBlockHash: block.previousblockhash,
      height: block.height,
      coinbaseValueAtomic: BigInt(block.coinbasevalue),
      bits,
      target,
    };
  });

/** dogecoind and namecoind answer true or false, others as `submitblock` does. */
export const auxSubmitReplySchema = z.union([z.boolean(), z.null(), z.string().max(1024)]);
