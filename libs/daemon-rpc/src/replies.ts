/**
 * Schemas of the replies in Bitcoin's JSON-RPC, and the types that the adapters of all families answer with. Only
 * the fields we read are checked, everything else passes.
 */
import { z } from 'zod';

export const hashSchema = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits');
export const heightSchema = z.number().int().nonnegative();

export const chainInfoSchema = z
  .looseObject({
    chain: z.string().min(1).max(64),
    blocks: heightSchema,
    headers: heightSchema,
    bestblockhash: hashSchema,
    /** bcoin has no such field: its getblocktemplate refuses by itself while it syncs. */
    initialblockdownload: z.boolean().optional(),
  })
  .transform((info) => ({
    chain: info.chain,
    blocks: info.blocks,
    headers: info.headers,
    bestBlockHash: info.bestblockhash,
    initialBlockDownload: info.initialblockdownload ?? false,
  }));
export type ChainInfo = z.infer<typeof chainInfoSchema>;

export const blockHeaderSchema = z
  .looseObject({
    hash: hashSchema,
    /** -1: not on the main chain (Core). bcoin counts from the height alone; see README, quirks. */
    confirmations: z.number().int(),
    height: heightSchema,
  })
  .transform(({ hash, confirmations, height }) => ({ hash, confirmations, height }));
export type BlockHeaderInfo = z.infer<typeof blockHeaderSchema>;

const HEADER_HEX = 160;
/** With the height, the 64-bit nonce and the mix of KawPow. */
const KAWPOW_HEADER_HEX = 240;

/** Behind the 80 bytes of a merge-mined block the daemon prints the proof, which is longer than KawPow's 40. */
export const rawHeaderSchema = z
  .string()
  .max(1_000_000)
  .regex(/^(?:[0-9a-f]{2}){80,}$/, 'expected the hex of a header')
  .transform((hex): Uint8Array =>
    Buffer.from(hex.length === KAWPOW_HEADER_HEX ? hex : hex.slice(0, HEADER_HEX), 'hex'),
  );

/** The template itself is parsed by the library of its family; here only what tip watching needs. */
export const templateReplySchema = z
  .looseObject({
    previousblockhash: hashSchema,
    height: heightSchema,
    longpollid: z.string().min(1).max(256).optional(),
  })
  .transform((value) => ({
    previousBlockHash: value.previousblockhash,
    height: value.height,
    longPollId: value.longpollid,
    /** The whole reply, unparsed. */
    value: value as unknown,
  }));
export type TemplateReply = z.infer<typeof templateReplySchema>;

/** BIP22: null, or a word of why not. */
export const submitReplySchema = z.union([z.null(), z.string().max(1024)]);
