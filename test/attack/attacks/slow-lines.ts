import type { Attack } from '../attack.ts';

const LINE = '{"id":1,"method":"mining.subscribe","params":["slowloris"]}\n';

export const slowLines: Attack = {
  name: 'slow-lines',
  what: 'sends a subscribe byte by byte, one a second, on many connections (slowloris)',
  door: 'stratum',
  origin: 'many',
  attackers: 400,
  async script(scene) {
    const peer = scene.connect();
    for (const byte of LINE) {
      if (!peer.isOpen || scene.isOver) break;
      await peer.send(byte);
      await scene.pause(1_000);
    }
  },
};
