import { type Attack, shareOf } from '../attack.ts';

const repeat = (text: string, times: number): string => text.repeat(times);
const request = (params: string): string => `{"id":1,"method":"mining.subscribe","params":${params}}`;

/** Each within the length of a line, so that it is parsed. */
const BOMBS: readonly string[] = [
  request(`${repeat('[', 3_500)}${repeat(']', 3_500)}`),
  request(`${repeat('{"a":', 1_300)}1${repeat('}', 1_300)}`),
  request(repeat('[', 7_000)),
  request(`[${repeat('9', 7_000)}]`),
  request('[1e999999999999]'),
  request(`[${repeat('0,', 3_500)}0]`),
  `{${repeat('"id":1,', 1_000)}"method":"mining.subscribe","params":[]}`,
  request('[{"__proto__":{"isAdmin":true},"constructor":{"prototype":{}}}]'),
  '{"__proto__":{"method":"mining.subscribe"},"id":1,"params":[]}',
  '{"id":1,"method":"constructor","params":[]}',
  `{"id":"${repeat('i', 7_000)}","method":"mining.subscribe","params":[]}`,
  request('["\xff\xfe\xc0\xaf\xed\xa0\x80"]'),
  request('["\\ud800\\udfff\\ud800"]'),
  request('["\0\0\0"]'),
  request(`["${repeat('\\u0000', 1_100)}"]`),
  repeat('\x01', 7_000),
];

/** Sent so often that the score of what is no request has to end the connection. */
const TIMES = 50;

export const jsonBombs: Attack = {
  name: 'json-bombs',
  what: 'sends lines that are dear to parse or dangerous to believe: nesting, huge numbers, prototypes, broken UTF-8',
  door: 'stratum',
  origin: 'many',
  attackers: BOMBS.length,
  async script(scene) {
    for (const line of shareOf(BOMBS, scene)) {
      const peer = scene.connect();
      const bytes = Buffer.from(`${line}\n`, 'latin1');
      for (let i = 0; i < TIMES && peer.isOpen; i++) await peer.send(bytes);
      await peer.hears(/\n/);
      peer.close();
    }
    await scene.pause(50);
  },
};
