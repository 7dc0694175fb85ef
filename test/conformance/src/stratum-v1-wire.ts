/** Stratum V1 on the wire: recorded messages as lines, with our order of members and the pool's own choices. */
import type { Ear } from './conversation.ts';
import { json, notification, refusal, reply, topicOf } from './json-rpc.ts';
import { type Choice, type WireLine, choice } from './wire-line.ts';

export const session: Choice = choice('session', /[0-9a-zA-Z]{1,64}/);
/** Four bytes here, whatever the recorded pool used. */
export const extranonce1: Choice = choice('extranonce1', /[0-9a-f]{8}/);
export const job: Choice = choice('job', /[0-9a-f]{3,10}/);
const difficulty = choice('difficulty', /[0-9]+(?:\.[0-9]*[1-9])?|[0-9.]+e-[0-9]+/);

export const refused = (id: unknown, code: number): WireLine => refusal(id, 'null', code);

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
  topicOf,
  isFree: (topic) => FREE.has(topic),
};
