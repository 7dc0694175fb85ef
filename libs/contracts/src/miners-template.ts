/**
 * A template that a miner has of its own daemon (Monero's self-select), as a gateway asks the validators of its
 * pool to adopt it. Subject `shares.adopt.<pool>`, request and reply, idempotent.
 *
 * Layout of the request: u32 LE job key · u8 length, extra nonce · the block. The reply is JSON.
 */
import { z } from 'zod';

export interface MinersTemplate {
  readonly poolId: string;
  /** The job whose block it is for. */
  readonly jobKey: number;
  /** What the session was told to put into it, and what its shares name it by. */
  readonly extraNonce: Uint8Array;
  /** The whole block, with any nonce. */
  readonly blob: Uint8Array;
}

const templateVerdictSchema = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true) }),
  z.strictObject({
    ok: z.literal(false),
    /** It is for no block that is mined now, which is nobody's fault. */
    stale: z.boolean(),
    /** For the miner. */
    reason: z.string(),
  }),
]);
export type TemplateVerdict = Readonly<z.infer<typeof templateVerdictSchema>>;

const HEAD_BYTES = 5;

export const encodeMinersTemplate = ({ jobKey, extraNonce, blob }: MinersTemplate): Buffer => {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(jobKey);
  head.writeUInt8(extraNonce.length, HEAD_BYTES - 1);
  return Buffer.concat([head, extraNonce, blob]);
};

/** Undefined for what is too short to be one; the block is judged by whoever adopts it. */
export const decodeMinersTemplate = (poolId: string, bytes: Buffer): MinersTemplate | undefined => {
  const blobAt = HEAD_BYTES + (bytes[HEAD_BYTES - 1] ?? 0);
  if (bytes.length <= blobAt) return undefined;
  return {
    poolId,
    jobKey: bytes.readUInt32LE(),
    extraNonce: bytes.subarray(HEAD_BYTES, blobAt),
    blob: bytes.subarray(blobAt),
  };
};

export const encodeTemplateVerdict = (verdict: TemplateVerdict): Buffer =>
  Buffer.from(JSON.stringify(verdict), 'utf8');

export const decodeTemplateVerdict = (bytes: Buffer): TemplateVerdict =>
  templateVerdictSchema.parse(JSON.parse(bytes.toString('utf8')));
