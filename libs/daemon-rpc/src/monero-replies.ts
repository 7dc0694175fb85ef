/** Schemas of monerod's replies: only the fields we read, everything else passes. */
import { z } from 'zod';
import { hashSchema, heightSchema } from './replies.ts';

/** In every reply but that of `on_get_block_hash`. */
export const moneroStatusSchema = z.looseObject({
  status: z.string().max(1024),
  /** It comes from another daemon, because the one that was asked has not caught up. */
  untrusted: z.boolean().default(false),
});
export type MoneroStatus = z.infer<typeof moneroStatusSchema>;

export const moneroTemplateSchema = z
  .looseObject({ prev_hash: hashSchema, height: heightSchema })
  .transform((value) => ({
    previousBlockHash: value.prev_hash,
    height: value.height,
    longPollId: undefined,
    /** The whole reply; libs/cryptonote parses it. */
    value: value as unknown,
  }));

export const moneroInfoSchema = z
  .looseObject({
    nettype: z.string().min(1).max(64),
    /** Of the chain: one more than that of its tip. */
    height: z.number().int().positive(),
    /** Of the chain of its peers; 0 once it has caught up. */
    target_height: heightSchema,
    top_block_hash: hashSchema,
    /** Releases before 0.17.2 do not say it. */
    synchronized: z.boolean().optional(),
  })
  .transform((info) => ({
    chain: info.nettype,
    blocks: info.height - 1,
    headers: Math.max(info.height, info.target_height) - 1,
    bestBlockHash: info.top_block_hash,
    initialBlockDownload: !(info.synchronized ?? info.target_height <= info.height),
  }));

const headerSchema = z.looseObject({
  hash: hashSchema,
  height: heightSchema,
  /** Blocks of the main chain above its height; wraps round below zero on a side branch that is ahead. */
  depth: z.number(),
  orphan_status: z.boolean(),
});

/** Confirmations count as Bitcoin's: 1 for the tip, -1 beside the main chain. */
export const moneroHeaderSchema = z
  .looseObject({ block_header: headerSchema })
  .transform(({ block_header: { hash, height, depth, orphan_status: orphaned } }) => ({
    hash,
    height,
    confirmations: orphaned ? -1 : depth + 1,
  }))
  .refine(({ confirmations }) => Number.isSafeInteger(confirmations), 'depth is not a number of blocks');
