import type { Attack } from '../attack.ts';

const CHUNK = Buffer.alloc(64 * 1024, '[');

export const endlessLines: Attack = {
  name: 'endless-lines',
  what: 'sends a line that never ends, as fast as the pool takes it',
  door: 'stratum',
  origin: 'many',
  attackers: 50,
  mayStand: 0,
  async script(scene) {
    const peer = scene.connect();
    while (peer.isOpen && !scene.isOver) await peer.send(CHUNK);
    await peer.closed;
  },
};
