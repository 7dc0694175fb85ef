/** The client's half of RFC 6455, as far as attackers need it. */
import { randomBytes } from 'node:crypto';
import type { Peer } from './peer.ts';

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

/** The status of the answer, 101 for a WebSocket; undefined when there was none. */
export const upgrade = async (peer: Peer): Promise<string | undefined> => {
  void peer.send(UPGRADE(randomBytes(16).toString('base64')));
  return (await peer.hears(STATUS))?.[1];
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
