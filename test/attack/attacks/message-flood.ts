import type { Attack } from '../attack.ts';

const PINGS = Buffer.from('{"id":1,"method":"mining.ping","params":[]}\n'.repeat(1_000));

const flood = (name: string, what: string, reads: boolean): Attack => ({
  name,
  what,
  door: 'stratum',
  origin: 'many',
  attackers: 50,
  async script(scene) {
    const peer = scene.connect();
    if (!reads) peer.stopReading();
    while (peer.isOpen && !scene.isOver) await peer.send(PINGS);
    peer.close();
    await scene.pause(100);
  },
});

export const messageFlood = flood('message-flood', 'asks without end, as fast as it is answered', true);
export const slowReaders = flood('slow-readers', 'asks without end, and never reads an answer', false);
