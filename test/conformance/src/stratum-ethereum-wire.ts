/** The dialects of Ethereum miners on the wire, and the pool's own choices in them. */
import type { Ear } from './conversation.ts';
import { json, notification, refusal, reply, topicOf, wordingOf } from './json-rpc.ts';
import { type Choice, type WireLine, choice } from './wire-line.ts';

export const session: Choice = choice('session', /[0-9a-zA-Z-]{1,64}/);
/** Three bytes here, whatever the recorded pool used. */
export const extranonce: Choice = choice('extranonce', /[0-9a-f]{6}/);
export const job: Choice = choice('job', /[0-9a-f]{3,10}/);
/** Where a target is on the wire it is the pool's choice, the same wherever it stands. */
export const target: Choice = choice('target', /[0-9a-f]{64}/);

/** Hashes without `0x`. */
export interface RecordedWork {
  readonly header: string;
  readonly seed: string;
  readonly height: number;
  readonly epoch: number;
}

const hex = (value: number): string => value.toString(16);

export const classic = {
  refused: (id: unknown, code: number): WireLine => refusal(id, 'false', code),
  subscribed: (id: unknown): WireLine =>
    reply(id, ['[["mining.notify","', session, '","EthereumStratum/1.0.0"],"', extranonce, '"]']),
  setDifficulty: (difficulty: number): WireLine => notification('mining.set_difficulty', [json(difficulty)]),
  notify: ({ header, seed }: RecordedWork, clean: boolean, name: Choice = job): WireLine =>
    notification('mining.notify', ['"', name, `","${seed}","${header}",${clean}`]),
  /** Of ethminer's "stratum1". */
  notifyWithTarget: ({ header, seed }: RecordedWork): WireLine =>
    notification('mining.notify', ['"', job, `","0x${header}","0x${seed}","0x`, target, '",true']),
};

const proxyReply = (id: unknown, result: WireLine): WireLine => [
  `{"id":${json(id)},"jsonrpc":"2.0","result":`,
  ...result,
  '}',
];

export const proxy = {
  accepted: (id: unknown): WireLine => proxyReply(id, ['true']),
  refused: (id: unknown, code: number): WireLine =>
    proxyReply(id, [`false,"error":{"code":${code},"message":"`, wordingOf(id), '"}']),
  /** The height, which not all pools tell, is always there. */
  work: (id: unknown, { header, seed, height }: RecordedWork): WireLine =>
    proxyReply(id, [`["0x${header}","0x${seed}","0x`, target, `","0x${hex(height)}"]`]),
};

const setOrNotify = (method: string, params: WireLine): WireLine => [
  `{"method":"${method}","params":`,
  ...params,
  '}',
];

export const second = {
  done: (id: unknown): WireLine => [`{"id":${json(id)}}`],
  replied: (id: unknown, result: WireLine): WireLine => [`{"id":${json(id)},"result":`, ...result, '}'],
  refused: (id: unknown, code: number): WireLine => [
    `{"id":${json(id)},"error":{"code":${code},"message":"`,
    wordingOf(id),
    '"}}',
  ],
  set: ({ epoch }: RecordedWork): WireLine =>
    setOrNotify('mining.set', [
      `{"epoch":"${hex(epoch)}","target":"`,
      target,
      '","algo":"etchash","extranonce":"',
      extranonce,
      '"}',
    ]),
  notify: ({ header, height }: RecordedWork, name: Choice = job): WireLine =>
    setOrNotify('mining.notify', ['["', name, `","${hex(height)}","${header}","1"]`]),
};

export const ear: Ear = { topicOf, isFree: () => false };
