import type { Attack } from '../attack.ts';

export const neighboursFlood: Attack = {
  name: 'connections-of-a-neighbour',
  what: 'opens and ends connections from the address of an honest miner (NAT), as fast as it can',
  door: 'stratum',
  origin: 'neighbour',
  attackers: 32,
  async script(scene) {
    const peer = scene.connect();
    await peer.send('garbage\n');
    peer.close();
    await peer.closed;
  },
};
