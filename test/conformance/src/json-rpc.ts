/** What is the same in every dialect: recorded messages as steps of a script, replies and notifications as lines. */
import type { Step } from './conversation.ts';
import { type Choice, type WireLine, choice } from './wire-line.ts';

export interface Call {
  readonly id: unknown;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** Numbers written as they were: ids come back as the same text. */
export const json = (value: unknown): string => JSON.stringify(value);

export const say = (...line: WireLine): Step => ({ kind: 'say', line });
export const hear = (line: WireLine): Step => ({ kind: 'hear', line });
export const call = (id: unknown, method: string, params: readonly unknown[]): Step =>
  say(json({ id, method, params }));

/** The wording of a refusal is the pool's own. */
export const wordingOf = (id: unknown): Choice => choice(`wording ${json(id)}`, /[^"\\]+/);

export const reply = (id: unknown, result: WireLine): WireLine => [
  `{"id":${json(id)},"result":`,
  ...result,
  ',"error":null}',
];

export const accepted = (id: unknown): WireLine => reply(id, ['true']);

/** Miners of some dialects look at the error, of others at the result. */
export const refusal = (id: unknown, result: 'null' | 'false', code: number): WireLine => [
  `{"id":${json(id)},"result":${result},"error":[${code},"`,
  wordingOf(id),
  '",null]}',
];

export const notification = (method: string, params: WireLine): WireLine => [
  `{"id":null,"method":"${method}","params":[`,
  ...params,
  ']}',
];

/** A reply by its id, a notification by its method. */
export const topicOf = (line: string): string =>
  /"method":"([^"]*)"/.exec(line)?.[1] ?? `reply ${/^\{"id":("(?:[^"\\]|\\.)*"|[^,}]*)/.exec(line)?.[1]}`;

export const bytes = (hex: string): Uint8Array => Buffer.from(hex, 'hex');
