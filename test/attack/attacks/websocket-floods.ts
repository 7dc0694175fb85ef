import type { Attack, Scene } from '../attack.ts';
import type { Peer } from '../attacker/peer.ts';
import { PING, TEXT, frame, upgrade } from '../attacker/websocket.ts';

/** Undefined when the pool does not want it; why is counted. */
const openWebSocket = async (scene: Scene): Promise<Peer | undefined> => {
  const peer = scene.connect();
  const status = await upgrade(peer);
  scene.count(status === undefined ? 'no answer' : `HTTP ${status}`);
  if (status === '101') return peer;
  if (status === '500') scene.accuse('an upgrade was answered with 500');
  peer.close();
  return undefined;
};

export const websocketConnections: Attack = {
  name: 'websocket-connections',
  what: 'opens more WebSockets from one address than there is room for, and stays',
  door: 'api',
  origin: 'one',
  attackers: 400,
  async script(scene) {
    const socket = await openWebSocket(scene);
    await Promise.race([socket?.closed, scene.pause(600_000)]);
    await scene.pause(1_000);
  },
};

const MESSAGES = [
  frame(TEXT, 'x'),
  frame(TEXT, '{"subscribe":'),
  frame(TEXT, `[${'['.repeat(400)}`),
  frame(TEXT, '{"type":"subscribe","topics":["pool","miner","agent","blocks","alerts"]}'),
  frame(TEXT, Buffer.from([0xff, 0xfe, 0xc0])),
  frame(PING, 'ping'),
  frame(0x7, 'reserved'),
  // A frame that says it is 2^63 - 1 bytes long.
  Buffer.from([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
  // Unmasked, which a client's frame may not be.
  Buffer.from([0x81, 0x01, 0x78]),
];

export const websocketMessages: Attack = {
  name: 'websocket-messages',
  what: 'sends messages and broken frames as fast as they are taken',
  door: 'api',
  origin: 'many',
  attackers: 32,
  async script(scene) {
    const socket = await openWebSocket(scene);
    if (socket === undefined) return scene.pause(100);
    const message = MESSAGES[Math.floor(Math.random() * MESSAGES.length)] ?? '';
    for (let i = 0; i < 1_000 && socket.isOpen; i++) await socket.send(message);
    socket.close();
  },
};

export const websocketSlowReaders: Attack = {
  name: 'websocket-slow-readers',
  what: 'opens WebSockets, asks for everything by pings, and never reads',
  door: 'api',
  origin: 'many',
  attackers: 100,
  async script(scene) {
    const socket = await openWebSocket(scene);
    if (socket === undefined) return scene.pause(1_000);
    socket.stopReading();
    const pings = Buffer.concat(Array.from({ length: 500 }, () => frame(PING, 'p'.repeat(120))));
    while (socket.isOpen && !scene.isOver) await socket.send(pings);
    socket.close();
  },
};
