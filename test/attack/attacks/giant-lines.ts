import type { Attack } from '../attack.ts';

const MIB = 1024 * 1024;
const GIANT = Buffer.from(`{"id":1,"method":"mining.subscribe","params":["${'A'.repeat(MIB)}"]}\n`);

export const giantLines: Attack = {
  name: 'giant-lines',
  what: 'sends requests of a mebibyte each',
  door: 'stratum',
  origin: 'many',
  attackers: 50,
  mayStand: 0,
  async script(scene) {
    const peer = scene.connect();
    await peer.send(GIANT);
    await peer.closed;
  },
};
