/** The client's half of RFC 6455, as far as attackers need it. */
import { randomBytes } from 'node:crypto';
import type { Scene } from '../attack.ts';
import type { Peer } from '../attacker/peer.ts';

const UPGRADE = (key: string): string =>
  [
    'GET /api/ws HTTP/1.1',
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${key}`,
    '\r\n',
  ].join('\r\n');

const STATUS = /^HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n/;

/** Undefined when the pool does not want it; why is counted. */
export const openWebSocket = async (scene: Scene): Promise<Peer | undefined> => {
  const peer = scene.connect();
  void peer.send(UPGRADE(randomBytes(16).toString('base64')));
  const status = (await peer.hears(STATUS))?.[1];
  scene.count(status === undefined ? 'no answer' : `HTTP ${status}`);
  if (status === '101') return peer;
  if (status === '500') scene.accuse('an upgrade was answered with 500');
  peer.close();
  return undefined;
};

export const TEXT = 0x1;
export const PING = 0x9;

/** One whole frame; masked with zeros, which RFC 6455 takes like any other mask. */
export const frame = (opcode: number, payload: string | Buffer): Buffer => {
  const bytes = Buffer.from(payload as string);
  const head =
    bytes.length < 126
      ? Buffer.from([0x80 | opcode, 0x80 | bytes.length])
      : Buffer.from([0x80 | opcode, 0x80 | 126, bytes.length >> 8, bytes.length & 0xff]);
  return Buffer.concat([head, Buffer.alloc(4), bytes]);
};
