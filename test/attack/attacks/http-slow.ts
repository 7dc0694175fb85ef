import type { Attack } from '../attack.ts';

const HEAD = 'GET /api/status HTTP/1.1\r\nHost: 127.0.0.1\r\n';
const POST = [
  'POST /api/v1/miners/somebody/payout-settings HTTP/1.1',
  'Host: 127.0.0.1',
  'Content-Type: application/json',
  'Content-Length: 4000',
  '\r\n',
].join('\r\n');

const dripping = (name: string, what: string, start: string, drop: string): Attack => ({
  name,
  what,
  door: 'api',
  origin: 'many',
  attackers: 200,
  async script(scene) {
    const peer = scene.connect();
    await peer.send(start);
    while (peer.isOpen && !scene.isOver) {
      await scene.pause(1_000);
      await peer.send(drop);
    }
    await scene.pause(1_000);
  },
});

export const slowHeaders = dripping(
  'http-slow-headers',
  'sends a header every second, without end',
  HEAD,
  'X-A: b\r\n',
);
export const slowBodies = dripping('http-slow-bodies', 'sends a body byte by byte, one a second', POST, ' ');
