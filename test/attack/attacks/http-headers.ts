import { type Attack, shareOf } from '../attack.ts';
import type { Request } from '../attacker/http.ts';

const INJECTED = 'X-Injected: yes';
const many = (count: number): string[] => Array.from({ length: count }, (_, at) => `X-${at}: a`);

const REQUESTS: readonly (readonly [name: string, request: Request])[] = [
  ['a line break in the path', { path: `/api/status?a=b%0d%0a${INJECTED}` }],
  ['a bare line break in the path', { path: `/api/nothing\r\n${INJECTED}\r\n` }],
  ['a line break in a path parameter', { path: `/api/v1/miners/%0d%0a${INJECTED}%0d%0a/statement` }],
  ['a bare line feed in a header', { path: '/api/status', headers: [`X-A: b\n${INJECTED}`] }],
  ['a bare carriage return in a header', { path: '/api/status', headers: [`X-A: b\r${INJECTED}`] }],
  ['a folded header', { path: '/api/status', headers: ['X-A: b', ' folded'] }],
  ['a zero byte in a header', { path: '/api/status', headers: ['X-A: b\0c'] }],
  ['a header of 64 KiB', { path: '/api/status', headers: [`X-A: ${'a'.repeat(65_536)}`] }],
  ['a path of 64 KiB', { path: `/${'a'.repeat(65_536)}` }],
  ['a thousand headers', { path: '/api/status', headers: many(1_000) }],
  ['two hosts', { path: '/api/status', headers: ['Host: evil.example'] }],
  [
    'a foreign host that tells where to go',
    { path: '/api/nothing', headers: ['X-Forwarded-Host: evil.example'] },
  ],
  [
    'two lengths',
    {
      method: 'POST',
      path: '/api/mining/start',
      headers: ['Content-Length: 1', 'Content-Length: 2'],
      body: '{}',
    },
  ],
  [
    'a length and chunks',
    {
      method: 'POST',
      path: '/api/mining/start',
      headers: ['Content-Length: 4', 'Transfer-Encoding: chunked'],
      body: '0\r\n\r\nGET /x HTTP/1.1\r\n\r\n',
    },
  ],
  [
    'a length below zero',
    { method: 'POST', path: '/api/mining/start', headers: ['Content-Length: -1'], body: '{}' },
  ],
  [
    'a huge length',
    {
      method: 'POST',
      path: '/api/mining/start',
      headers: ['Content-Length: 99999999999999999999'],
      body: '{}',
    },
  ],
  [
    'an unknown coding',
    { method: 'POST', path: '/api/mining/start', headers: ['Transfer-Encoding: xchunked'], body: '{}' },
  ],
  ['an unknown method', { method: 'FROBNICATE', path: '/api/status' }],
  ['a proxy request', { path: 'http://evil.example/api/status' }],
  ['a tunnel', { method: 'CONNECT', path: 'evil.example:443' }],
  ['a trace', { method: 'TRACE', path: '/api/status' }],
  ['another version of HTTP', { path: '/api/status HTTP/9.9\r\nX-A: b' }],
  ['an entity tag with line breaks', { path: '/', headers: ['If-None-Match: "a\rb"'] }],
  ['a range of a page', { path: '/', headers: ['Range: bytes=0-0,-1,5-2'] }],
];

export const headerInjection: Attack = {
  name: 'header-injection',
  what: 'smuggles lines into requests, and sends heads that no client would',
  door: 'api',
  origin: 'many',
  attackers: 8,
  async script(scene) {
    for (const [name, request] of shareOf(REQUESTS, scene)) {
      const answer = await scene.ask(request);
      const { head = '' } = answer ?? {};
      if (/^x-injected:/im.test(head)) scene.accuse(`${name} came back as a header`);
      if (/evil\.example/.test(head)) scene.accuse(`${name} came back in a header`);
      if ((head.match(/^HTTP\/1\.1 /gm) ?? []).length > 1) scene.accuse(`${name} got two answers`);
      if (answer === undefined) scene.count(`no answer to ${name}`);
    }
    await scene.pause(250);
  },
};
