import type { Attack } from '../attack.ts';

export const connectAndClose: Attack = {
  name: 'connect-and-close',
  what: 'opens connections as fast as it can, and ends each as soon as it is open',
  door: 'stratum',
  origin: 'many',
  attackers: 32,
  async script(scene) {
    const peer = scene.connect();
    await peer.send('\n');
    peer.close();
    await peer.closed;
  },
};
