import { type Attack, shareOf } from '../attack.ts';

const UP = [
  '../',
  '..%2f',
  '%2e%2e/',
  '%2e%2e%2f',
  '..%5c',
  '..\\',
  '....//',
  '..;/',
  '%252e%252e%252f',
  '..%c0%af',
  '%uff0e%uff0e/',
];
const TARGETS = ['etc/passwd', 'package.json', 'otedama.yaml', 'data/otedama.json'];
/** Where files and path parameters begin. */
const STARTS = [
  '/',
  '/assets/',
  '/api/docs/',
  '/api/v1/miners/',
  '/api/v1/pools/btc/',
  '/api/v1/pools/',
  '/api/v1/blocks/bitcoin/',
  '/api/pools/',
];

const PATHS: readonly string[] = STARTS.flatMap((start) =>
  UP.flatMap((up) => TARGETS.map((target) => start + up.repeat(6) + target)),
).concat(
  '/etc/passwd',
  '//etc/passwd',
  '/file:///etc/passwd',
  '/assets/%00/etc/passwd',
  '/assets/..%00/etc/passwd',
  '/index.html%00.js',
  '/.git/config',
  '/.env',
  '/%',
  '/%zz',
  '/assets/%c0%ae%c0%ae/',
);

/** What these files hold, and no page of ours. */
const CONTENTS = /root:[^:]*:0:0:|"packageManager"|"private": true|payout_address:|\[core\]/;

export const pathTraversal: Attack = {
  name: 'path-traversal',
  what: 'asks for files outside of what is served, in every spelling, by files and by parameters of paths',
  door: 'api',
  origin: 'many',
  attackers: 8,
  async script(scene) {
    for (const path of shareOf(PATHS, scene)) {
      const answer = await scene.ask({ path });
      if (answer === undefined) continue;
      if (answer.status < 400) {
        const isEmpty = /^\{"items":\[\]|^\[\]/.test(answer.body);
        if (!isEmpty)
          scene.accuse(`${path} was answered with ${answer.status}: ${answer.body.slice(0, 100)}`);
      }
      if (CONTENTS.test(answer.body)) scene.accuse(`${path} shows a file`);
    }
    await scene.pause(250);
  },
};
