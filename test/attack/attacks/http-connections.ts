import type { Attack } from '../attack.ts';

export const httpConnections: Attack = {
  name: 'http-connections',
  what: 'opens more connections to the API from one address than there is room for, and says nothing',
  door: 'api',
  origin: 'one',
  attackers: 1_200,
  async script(scene) {
    const peer = scene.connect();
    await Promise.race([peer.closed, scene.pause(600_000)]);
    await scene.pause(1_000);
  },
};
