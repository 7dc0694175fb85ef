import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Admission, type Guest } from '@otedama/edge';
import {
  type Arrival,
  type Listener,
  Pace,
  type PeerSocket,
  Peers,
  listen as listenAt,
} from '@otedama/sockets';
import { cert, key } from './testing/certificate.ts';
import { turns, until } from './testing/until.ts';
import { type Greeter, type GreeterOptions, createGreeter } from './tls-detection.ts';

const PACE = { messagesPerSecond: 1, messageBurst: 1, bytesPerSecond: 1, byteBurst: 1 };
const budget = { connections: 100, connectionsPerSecond: 100 };
const admission = new Admission(
  {
    places: 100,
    reservedPlaces: 0,
    handshakes: 100,
    workers: 100,
    reservedWorkers: 0,
    client: { ...budget, workers: 100, accounts: 100, pace: PACE },
    site: budget,
    session: PACE,
    provenFactor: 1,
    handshakePatienceMs: 1e9,
    strangerPatienceMs: 1e9,
    creditHalfLifeMs: 1e9,
    maxRemembered: 0,
  },
  0,
);

/** Each is known by the port that it comes from. */
const guestOf = ({ port }: Arrival): Guest => {
  const guest = admission.enter({ address: `${port}`, isExempt: true, onShed: () => undefined }, 0);
  if (typeof guest === 'string') throw new Error(guest);
  return guest;
};

let listener: Listener;
let greeter: Greeter;
let peers: Peers;
const accepted: string[] = [];
let refusals: string[] = [];
const nothing = Buffer.alloc(0);

/** Says back what it hears. */
const echo = (peer: PeerSocket, guest: Guest, unread: Buffer): void => {
  accepted.push(guest.address);
  const onData = (bytes: Buffer): void => {
    peer.stage([Buffer.from(bytes)]);
    peers.commit();
  };
  peer.listen({ onData, onQueueChange: () => undefined, onClose: () => guest.leave() });
  if (unread.length > 0) onData(unread);
  peer.resume();
};

/** Lets everybody in at once. */
const listen = async (over: Partial<GreeterOptions> = {}, allowPlain = true): Promise<number> => {
  const refused = refusals;
  greeter = createGreeter(
    { tls: { cert, key, allowPlain }, handshakeTimeoutMs: 60_000, ...over },
    {
      accept: echo,
      refuse(peer, reason) {
        refused.push(reason);
        peer.destroy();
      },
      note: (reason) => void refused.push(reason),
    },
  );
  peers = new Peers();
  const options = { host: '127.0.0.1', port: 0, backlog: 16, reusePort: false, maxWaiting: 16 };
  listener = await listenAt(options, new Pace({ share: 1 }), (arrival) => {
    const peer = peers.take(arrival);
    if (peer !== undefined) greeter.greet(peer, guestOf(arrival), nothing);
  });
  return listener.port;
};

beforeEach(() => {
  accepted.length = 0;
  refusals = [];
});
afterEach(async () => {
  listener.close();
  greeter.close();
  peers.close();
  await until('all have left', () => admission.guests === 0);
});

/** `heard` grows; nothing is ever thrown at the test by a socket that breaks. */
class Peer {
  readonly socket: Socket;
  heard = Buffer.alloc(0);
  isClosed = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.heard = Buffer.concat([this.heard, chunk]);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.isClosed = true;
    });
  }

  /** Waits until as much has come back. */
  async echo(text: string): Promise<string> {
    const from = this.heard.length;
    this.socket.write(text);
    await until('it came back', () => this.heard.length - from >= text.length || this.isClosed);
    return this.heard.subarray(from).toString('latin1');
  }
}

const plain = async (port: number): Promise<Peer> => {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return new Peer(socket);
};

const secure = async (port: number): Promise<Peer> => {
  const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca: cert });
  await once(socket, 'secureConnect');
  return new Peer(socket);
};

const LINE = '{"id":1,"method":"mining.subscribe","params":[]}\n';
const LONG = `${'x'.repeat(300_000)}\n`;

describe('one port for both', () => {
  it('serves plain and TLS clients side by side, from the first byte on', async () => {
    const port = await listen();
    const [open, closed] = [await plain(port), await secure(port)];
    for (const text of [LINE, LONG, LINE]) {
      expect(await open.echo(text)).toBe(text);
      expect(await closed.echo(text)).toBe(text);
    }
    expect(accepted).toEqual([open, closed].map(({ socket }) => String(socket.localPort)));
  });

  it.each(['{', 'G', '\n', '\x15', '\x17', '\x00', '\xff'])(
    'takes %j for the beginning of plain text',
    async (first) => {
      const peer = await plain(await listen());
      peer.socket.write(Buffer.from(first, 'latin1'));
      await until('the byte came back', () => peer.heard.length === 1);
      expect(await peer.echo(LINE)).toBe(LINE);
    },
  );

  it('waits for a slow first byte, and for the rest of a ClientHello that comes byte by byte', async () => {
    const port = await listen();
    const hello = await new Promise<Buffer>((resolve) => {
      const trap = createServer((socket) =>
        socket.once('data', (chunk: Buffer) => {
          resolve(chunk);
          socket.destroy();
          trap.close();
        }),
      );
      trap.listen(0, '127.0.0.1', () =>
        connectTls({ port: (trap.address() as AddressInfo).port, host: '127.0.0.1' }).on(
          'error',
          () => undefined,
        ),
      );
    });
    const peer = await plain(port);
    await until('the server knows it', () => admission.guests === 1);
    expect(accepted).toEqual([]);
    for (const byte of hello) {
      peer.socket.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    // The answer is a handshake record.
    await until('it was answered', () => peer.heard.length > 0);
    expect(peer.heard[0]).toBe(0x16);
  });

  it('closes what begins like TLS and goes on as something else, and serves on', async () => {
    const port = await listen();
    const peer = await plain(port);
    peer.socket.write(Buffer.of(0x16));
    peer.socket.write(`{${LINE}`);
    await until('it was closed', () => peer.isClosed);
    expect(accepted).toEqual([]);
    expect(refusals).toEqual(['tls-failed']);
    expect(await (await secure(port)).echo(LINE)).toBe(LINE);
  });

  it('waits no longer than its time for a peer that says nothing, or hangs up', async () => {
    const port = await listen({ handshakeTimeoutMs: 20 });
    const silent = await plain(port);
    await until('it was closed', () => silent.isClosed);
    expect(refusals).toEqual(['no-first-byte']);
    const gone = await plain(port);
    gone.socket.end();
    await until('it was closed', () => gone.isClosed && admission.guests === 0);
    const broken = await plain(port);
    broken.socket.resetAndDestroy();
    await until('it was forgotten', () => broken.isClosed && admission.guests === 0);
    const talker = await plain(port);
    expect(await talker.echo(LINE)).toBe(LINE);
    // The deadline of a peer that came later has passed, and with it that of the one that spoke.
    const later = await plain(port);
    await until('it was closed', () => later.isClosed);
    expect(await talker.echo(LINE)).toBe(LINE);
    expect(accepted).toHaveLength(1);
  });

  it('lets a guest leave with its connection, whatever it had said by then', async () => {
    const port = await listen();
    const silent = await plain(port);
    const halfway = await plain(port);
    halfway.socket.write(Buffer.of(0x16, 3, 1));
    const talker = await plain(port);
    await talker.echo(LINE);
    await until('all are in', () => admission.guests === 3);
    for (const { socket } of [silent, halfway, talker]) socket.destroy();
    await until('all have left', () => admission.guests === 0);
  });

  it('stops: nobody is left in a handshake', async () => {
    const port = await listen();
    const halfway = await plain(port);
    halfway.socket.write(Buffer.of(0x16, 3, 1));
    await until('it is in its handshake', () => admission.guests === 1);
    await turns();
    greeter.close();
    await until('it is gone', () => halfway.isClosed && admission.guests === 0);
  });
});

describe('a port for one of them', () => {
  it('in the clear has no use for TLS', async () => {
    const port = await listen({ tls: undefined });
    expect(await (await plain(port)).echo(LINE)).toBe(LINE);
  });

  it('over TLS turns plain text away', async () => {
    const port = await listen({}, false);
    const peer = await plain(port);
    peer.socket.write(LINE);
    await until('it was closed', () => peer.isClosed);
    expect(await (await secure(port)).echo(LINE)).toBe(LINE);
    expect(accepted).toHaveLength(1);
    expect(refusals).toEqual(['tls-failed']);
  });

  it('over TLS knows a PROXY header that it did not ask for', async () => {
    const port = await listen({}, false);
    for (const header of ['PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\n', '\r\n\r\n\0\r\nQUIT\n\x21\x11']) {
      const peer = await plain(port);
      peer.socket.write(header);
      await until('it was closed', () => peer.isClosed);
    }
    expect(refusals).toEqual(['proxy-header-unexpected', 'proxy-header-unexpected']);
  });
});
