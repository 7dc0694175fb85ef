/**
 * Lines to messages. Miners are careless about JSON-RPC: ids are numbers, strings or null, versions are
 * missing, parameters too. What is kept of an id is its JSON text, so that the reply carries the identical
 * id whatever a double would have made of it.
 */
import { MAX_ID_CHARS, MAX_MESSAGE_PARTS } from './limits.ts';
import { readSubmitLine } from './submit-line.ts';

export interface Request {
  readonly kind: 'request';
  /** JSON text, `null` for a notification. */
  readonly id: string;
  readonly method: string;
  /** An absent `params` reads as an empty list. */
  readonly params: unknown;
  /** Miners of eth-proxy name their rig beside the parameters. */
  readonly worker?: unknown;
}

export interface Reply {
  readonly kind: 'reply';
  readonly id: string;
  readonly result: unknown;
  readonly error: unknown;
}

export type MessageFault = 'not-json' | 'not-an-object' | 'too-many-parts' | 'bad-id' | 'no-method';

export interface InvalidMessage {
  readonly kind: 'invalid';
  readonly id: string;
  readonly fault: MessageFault;
}

export type Message = Request | Reply | InvalidMessage;

const invalid = (fault: MessageFault, id = 'null'): InvalidMessage => ({ kind: 'invalid', id, fault });

type SourceReviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;
const parseWithSource = JSON.parse as (text: string, reviver: SourceReviver) => unknown;

/** The digits of the outermost `id` as they stand in the text; undefined when they cannot be had. */
const numberSource = (text: string): string | undefined => {
  const sources = new Map<unknown, string | undefined>();
  // A reviver recurses; the parts of a message are so few that their nesting fits onto the stack.
  const root = parseWithSource(text, function (key, value, context) {
    if (key === 'id') sources.set(this, context.source);
    return value;
  });
  return sources.get(root);
};

/** JSON text of the id; undefined when it is none that can be echoed. */
const idText = (id: unknown, line: string): string | undefined => {
  if (id === undefined || id === null) return 'null';
  if (typeof id === 'number') {
    const text = Number.isSafeInteger(id) ? String(id) : numberSource(line);
    return text !== undefined && text.length <= MAX_ID_CHARS ? text : undefined;
  }
  if (typeof id !== 'string' || id.length > MAX_ID_CHARS) return undefined;
  return JSON.stringify(id);
};

const parseJson = (line: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(line) as unknown };
  } catch {
    // JSON.parse throws nothing but SyntaxError; what is wrong with remote text is of no interest.
    return undefined;
  }
};

const COMMA = 0x2c;
const BRACKET = 0x5b;
const BRACE = 0x7b;

/** Wherever they stand: texts of honest miners have hardly any of these characters. */
const hasTooManyParts = (bytes: Buffer): boolean => {
  // Nearly every line is shorter.
  if (bytes.length <= MAX_MESSAGE_PARTS) return false;
  let parts = 0;
  for (let at = 0; at < bytes.length && parts <= MAX_MESSAGE_PARTS; at++) {
    const byte = bytes[at];
    if (byte === COMMA || byte === BRACKET || byte === BRACE) parts += 1;
  }
  return parts > MAX_MESSAGE_PARTS;
};

export const decodeMessage = (bytes: Buffer): Message => {
  // Bytes beyond ASCII are no part of such a line, whatever they stand for.
  const submit = readSubmitLine(bytes.toString('latin1'));
  if (submit !== undefined) return submit;
  return hasTooManyParts(bytes) ? invalid('too-many-parts') : decodeJson(bytes.toString('utf8'));
};

const decodeJson = (line: string): Message => {
  const parsed = parseJson(line);
  if (parsed === undefined) return invalid('not-json');
  const { value } = parsed;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return invalid('not-an-object');
  const { id, method, params, result, error, worker } = value as Record<string, unknown>;
  const text = idText(id, line);
  if (text === undefined) return invalid('bad-id');
  if (typeof method === 'string') {
    const request = { kind: 'request', id: text, method, params: params ?? [] } as const;
    return worker === undefined ? request : { ...request, worker };
  }
  if (method !== undefined && method !== null) return invalid('no-method', text);
  // Some firmware answers our notifications; a reply is told by having either member.
  if (result === undefined && error === undefined) return invalid('no-method', text);
  return { kind: 'reply', id: text, result: result ?? null, error: error ?? null };
};
