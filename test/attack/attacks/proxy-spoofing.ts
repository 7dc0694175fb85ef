import { minerAddress, newcomerAddress } from '../accounts.ts';
import { type Attack, shareOf } from '../attack.ts';

const PROXY_V2 = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const PORT = 40_000;

/** Version 2: PROXY over TCP and IPv4, twelve bytes of addresses. */
const binaryHeader = (from: string): Buffer => {
  const addresses = Buffer.alloc(12);
  Buffer.from(from.split('.').map(Number)).copy(addresses, 0);
  Buffer.from([127, 0, 0, 1]).copy(addresses, 4);
  addresses.writeUInt16BE(PORT, 8);
  return Buffer.concat([PROXY_V2, Buffer.from([0x21, 0x11, 0, addresses.length]), addresses]);
};

const HEADERS = [minerAddress(0), ...Array.from({ length: 250 }, (_, at) => newcomerAddress(at))].flatMap(
  (from) => [Buffer.from(`PROXY TCP4 ${from} 127.0.0.1 ${PORT} 3333\r\n`), binaryHeader(from)],
);
const JUNK = 'garbage\n'.repeat(500);

export const proxySpoofing: Attack = {
  name: 'proxy-spoofing',
  what: 'says by the PROXY protocol that it comes from addresses of honest miners, and misbehaves',
  door: 'stratum',
  origin: 'many',
  attackers: 16,
  mayStand: 0,
  async script(scene) {
    for (const header of shareOf(HEADERS, scene)) {
      const peer = scene.connect();
      await peer.send(header);
      await peer.send(JUNK);
      await peer.closed;
    }
  },
  judge: ({ cutOff, turnedAway, connections }) =>
    cutOff + turnedAway === connections ? [] : ['not everybody was sent away'],
};
