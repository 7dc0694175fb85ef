/** What commands and queries look like on the wire: Nest's packets as JSON. */
import type { ReadPacket, WritePacket } from '@nestjs/microservices';

const INTERNAL = { status: 'error', message: 'Internal server error' } as const;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const parse = (bytes: Uint8Array): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'),
    );
    return isRecord(value) ? value : undefined;
  } catch {
    // Not JSON, so nothing that a client of ours sent.
    return undefined;
  }
};

/** `id` marks a request, as Nest wants it. Throws for what JSON cannot hold: bigints, cycles. */
export const encodePacket = ({ pattern, data }: ReadPacket, id: string | undefined): string =>
  JSON.stringify(id === undefined ? { pattern, data } : { pattern, data, id });

export const decodePacket = (bytes: Uint8Array): ReadPacket | undefined => {
  const packet = parse(bytes);
  return packet === undefined ? undefined : { pattern: packet['pattern'], data: packet['data'] };
};

/** Errors that no filter of Nest's has turned into data keep their text to themselves. */
const sendable = (answer: WritePacket): WritePacket =>
  answer.err instanceof Error ? { ...answer, err: INTERNAL } : answer;

const failed = (code: string, message: string): string =>
  JSON.stringify({ err: { code, message }, isDisposed: true });

export const encodeAnswer = (answer: WritePacket, maxBytes: number | undefined): string => {
  try {
    const text = JSON.stringify(sendable(answer));
    if (maxBytes === undefined || Buffer.byteLength(text) <= maxBytes) return text;
    return failed('PAYLOAD_TOO_LARGE', 'the answer is larger than the server lets through');
  } catch (error) {
    // An answer that cannot be copied could not have been given in process either.
    return failed('NOT_SENDABLE', error instanceof Error ? error.message : String(error));
  }
};

export const decodeAnswer = (bytes: Uint8Array): WritePacket =>
  parse(bytes) ?? { err: { code: 'NOT_SENDABLE', message: 'the answer is not a packet' }, isDisposed: true };
