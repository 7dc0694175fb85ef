import type { Attack } from '../attack.ts';

export const requestFlood: Attack = {
  name: 'request-flood',
  what: 'asks as fast as it can from one address',
  door: 'api',
  origin: 'one',
  attackers: 32,
  async script(scene) {
    await scene.ask({ path: '/api/status' });
  },
  judge: ({ counts }) => (counts['HTTP 429'] === undefined ? ['it was never told to slow down'] : []),
};
