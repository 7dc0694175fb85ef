import { type Attack, shareOf } from '../attack.ts';
import { fill, readRoutes } from './openapi.ts';

const repeat = (text: string, times: number): string => text.repeat(times);

const BODIES: readonly (string | Uint8Array)[] = [
  repeat('[', 4_000),
  repeat('[', 2_000) + repeat(']', 2_000),
  repeat('{"a":', 700) + '1' + repeat('}', 700),
  `[${repeat('9', 4_000)}]`,
  '1e999999999',
  '{"__proto__":{"message":"x","signature":"x"}}',
  '{"constructor":{"prototype":{"message":"x"}}}',
  '{"message":"x","message":["x"],"signature":{}}',
  `{"message":"${repeat('a', 4_000)}"}`,
  '{"message":"\\ud800","signature":"\\u0000"}',
  Buffer.from('{"message":"\xff\xfe\xc0\xaf"}', 'latin1'),
  '',
  'null',
  '[]',
  '"text"',
  'not JSON',
  repeat('a', 1024 * 1024),
];
const CODINGS = ['Content-Encoding: gzip', 'Content-Encoding: identity, gzip, gzip'];
const TYPES = [
  'application/json',
  'application/x-www-form-urlencoded',
  'text/xml',
  'multipart/form-data; boundary=x',
  'application/json; charset=utf-7',
];

export const httpJsonBombs: Attack = {
  name: 'http-json-bombs',
  what: 'posts bodies that are dear to parse or dangerous to believe to every route that changes something',
  door: 'api',
  origin: 'many',
  attackers: 8,
  async script(scene) {
    const routes = (await readRoutes(scene)).filter(({ method }) => method !== 'GET');
    const probes = routes.flatMap((route) => [
      ...BODIES.map((body) => ({ route, headers: ['Content-Type: application/json'], body })),
      ...TYPES.map((type) => ({ route, headers: [`Content-Type: ${type}`], body: '{"a":1}' })),
      ...CODINGS.map((coding) => ({
        route,
        headers: ['Content-Type: application/json', coding],
        body: '\x1f\x8b{}',
      })),
    ]);
    for (const { route, headers, body } of shareOf(probes, scene)) {
      await scene.ask({ method: route.method, path: fill(route, '', ''), headers, body });
    }
    await scene.pause(250);
  },
};
