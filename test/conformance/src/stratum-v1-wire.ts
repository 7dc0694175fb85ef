/** Stratum V1 on the wire: recorded messages as lines, with our order of members and the pool's own choices. */
import type { Ear } from './conversation.ts';
import { type Choice, type WireLine, choice } from './wire-line.ts';

export const session: Choice = choice('session', /[0-9a-zA-Z]{1,64}/);
/** Four bytes here, whatever the recorded pool used. */
export const extranonce1: Choice = choice('extranonce1', /[0-9a-f]{8}/);
export const job: Choice = choice('job', /[0-9a-f]{3,10}/);
const difficulty = choice('difficulty', /[0-9]+(?:\.[0-9]*[1-9])?|[0-9.]+e-[0-9]+/);
const text = choice('text', /[^"\\]+/);

/** Numbers written as they were: ids come back as the same text. */
export const json = (value: unknown): string => JSON.stringify(value);

export const reply = (id: unknown, result: WireLine): WireLine => [
  `{"id":${json(id)},"result":`,
  ...result,
  ',"error":null}',
];

export const accepted = (id: unknown): WireLine => reply(id, ['true']);

export const refused = (id: unknown, code: number): WireLine => [
  `{"id":${json(id)},"result":null,"error":[${code},"`,
  text,
  '",null]}',
];

export const notification = (method: string, params: WireLine): WireLine => [
  `{"id":null,"method":"${method}","params":[`,
  ...params,
  ']}',
];

/** Two subscriptions under one session id; the size of extranonce2 follows from the template. */
export const subscribed = (id: unknown, extranonce2Size: number): WireLine =>
  reply(id, [
    '[[["mining.set_difficulty","',
    session,
    '"],["mining.notify","',
    session,
    '"]],"',
    extranonce1,
    `",${extranonce2Size}]`,
  ]);

/** BIP310 fixes the members; their order here is that of the extensions asked for. */
export const configured = (id: unknown, codes: readonly string[], result: object): WireLine => {
  const members = codes.flatMap((code) =>
    Object.entries(result).filter(([name]) => name === code || name.startsWith(`${code}.`)),
  );
  return reply(id, [json(Object.fromEntries(members))]);
};

export const setExtranonce = (extranonce2Size: number): WireLine =>
  notification('mining.set_extranonce', ['"', extranonce1, `",${extranonce2Size}`]);

/** A pool chooses its difficulty, except where the miner has just asked for this one. */
export const setDifficulty = (value: unknown, wished: unknown): WireLine =>
  notification('mining.set_difficulty', value === wished ? [json(value)] : [difficulty]);

/** All of a recorded job is fixed but its name. */
export const notify = ([, ...fixed]: readonly unknown[], clean: boolean): WireLine =>
  notification('mining.notify', ['"', job, '",', fixed.slice(0, 7).map(json).join(','), `,${String(clean)}`]);

const FREE: ReadonlySet<string> = new Set([
  'mining.set_difficulty',
  'mining.notify',
  'client.show_message',
  'client.get_version',
]);

export const ear: Ear = {
  topicOf: (line) =>
    /"method":"([^"]*)"/.exec(line)?.[1] ?? `reply ${/^\{"id":(.*?),"(?:result|error)"/.exec(line)?.[1]}`,
  isFree: (topic) => FREE.has(topic),
};
