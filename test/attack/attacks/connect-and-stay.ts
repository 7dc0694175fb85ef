import type { Attack } from '../attack.ts';

export const connectAndStay: Attack = {
  name: 'connect-and-stay',
  what: 'opens connections from one address and says nothing on any of them',
  door: 'stratum',
  origin: 'one',
  attackers: 700,
  // What one address has that never worked.
  mayStand: 512,
  async script(scene) {
    const peer = scene.connect();
    await Promise.race([peer.closed, scene.pause(600_000)]);
    // Whoever is turned away does not come back at once: it would be the other flood.
    await scene.pause(1_000);
  },
};
