import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Admission } from '@otedama/edge';
import { cert, key } from './testing/certificate.ts';
import { until } from './testing/until.ts';
import { type Entrance, type MinerServerOptions, createMinerServer } from './tls-detection.ts';

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

/** Lets everybody in at once; each is known by the port that it comes from. */
const createEntrance = (refusals: string[]): Entrance => ({
  enter(socket, admit) {
    const guest = admission.enter(
      { address: `${socket.remotePort}`, isExempt: true, onShed: () => undefined },
      0,
    );
    if (typeof guest === 'string') throw new Error(guest);
    socket.once('close', () => guest.leave());
    admit(guest);
  },
  refuse(socket, reason) {
    refusals.push(reason);
    socket.destroy();
  },
  note: (reason) => void refusals.push(reason),
});

let server: Server;
const sockets = new Set<Socket>();
let accepted = 0;
let refusals: string[] = [];

/** Says back what it hears. */
const listen = async (over: Partial<MinerServerOptions> = {}, allowPlain = true): Promise<number> => {
  const tls = { cert, key, allowPlain };
  server = createMinerServer(
    { tls, handshakeTimeoutMs: 60_000, ...over },
    createEntrance(refusals),
    (socket, guest) => {
      accepted += 1;
      expect(guest.address).toBe(String(socket.remotePort));
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => socket.write(chunk));
    },
  );
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

beforeEach(() => {
  accepted = 0;
  refusals = [];
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
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
    expect(accepted).toBe(2);
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
      const trap = createMinerServer(
        { tls: undefined, handshakeTimeoutMs: 1 },
        createEntrance([]),
        (socket) =>
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
    await until('the server knows it', () => sockets.size === 1);
    expect(accepted).toBe(0);
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
    expect(accepted).toBe(0);
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
    await until('it was closed', () => gone.isClosed && sockets.size === 0);
    const broken = await plain(port);
    broken.socket.resetAndDestroy();
    await until('it was forgotten', () => broken.isClosed && sockets.size === 0);
    const talker = await plain(port);
    expect(await talker.echo(LINE)).toBe(LINE);
    // The deadline of a peer that came later has passed, and with it that of the one that spoke.
    const later = await plain(port);
    await until('it was closed', () => later.isClosed);
    expect(await talker.echo(LINE)).toBe(LINE);
    expect(accepted).toBe(1);
  });

  it('counts peers that have said nothing, and those in a handshake', async () => {
    const port = await listen();
    server.maxConnections = 2;
    let dropped = 0;
    server.on('drop', () => {
      dropped += 1;
    });
    const silent = await plain(port);
    const halfway = await plain(port);
    halfway.socket.write(Buffer.of(0x16, 3, 1));
    await until('both are known', () => sockets.size === 2);
    const third = await plain(port);
    await until('the third was dropped', () => third.isClosed && dropped === 1);
    halfway.socket.destroy();
    silent.socket.destroy();
    await until('there is room', () => sockets.size === 0);
    expect(await (await secure(port)).echo(LINE)).toBe(LINE);
  });

  it('stops: sockets of both kinds close with their server', async () => {
    const port = await listen();
    const [open, closed] = [await plain(port), await secure(port)];
    await Promise.all([open.echo(LINE), closed.echo(LINE)]);
    for (const socket of sockets) socket.destroy();
    await until('both are gone', () => open.isClosed && closed.isClosed && sockets.size === 0);
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
    expect(accepted).toBe(1);
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
