/**
 * The listener of miners, in the clear, over TLS, or both on one port. Both is told by the first byte, since
 * miners speak first and no JSON text begins like a TLS record. Until that byte a connection is nobody's: it
 * has a deadline, and its place at the door like every other.
 */
import { type Server, type Socket, createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { type Guest, decodeProxyHeader } from '@otedama/edge';
import type { Refusal } from './defence/refusals.ts';
import { readShared } from './shared-reads.ts';

export interface MinerServerOptions {
  /** PEM; undefined: in the clear only. */
  readonly tls:
    | { readonly cert: Buffer | string; readonly key: Buffer | string; readonly allowPlain: boolean }
    | undefined;
  /** For the first byte, and once more for the TLS handshake. */
  readonly handshakeTimeoutMs: number;
}

export interface Entrance {
  /** Calls `admit` when the socket may be read, unless it never may. */
  enter(socket: Socket, admit: (guest: Guest) => void): void;
  /** Ends it. */
  refuse(socket: Socket, reason: Refusal, address: string): void;
  /** It has ended by itself. */
  note(reason: Refusal, address: string): void;
}

type Accept = (socket: Socket, guest: Guest) => void;

/** Content type of the first record of a TLS connection. */
const TLS_HANDSHAKE = 0x16;

/** Calls back with the first bytes, which stay to be read. */
const onFirstBytes = (
  socket: Socket,
  timeoutMs: number,
  take: (bytes: Buffer) => void,
  onLate: () => void,
): void => {
  const deadline = setTimeout(onLate, timeoutMs);
  const onReadable = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null || chunk.length === 0) return;
    clearTimeout(deadline);
    socket.off('readable', onReadable);
    socket.unshift(chunk);
    take(chunk);
  };
  socket.on('readable', onReadable);
  socket.once('close', () => clearTimeout(deadline));
};

const ignore = (): void => undefined;

/** The two ends of a connection: what an encrypted socket has in common with the one below it. */
const endsOf = ({ remoteAddress, remotePort, localAddress, localPort }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;

/** Decrypts, and knows afterwards whose socket it was. */
const createDecryption = (
  { cert, key }: { readonly cert: Buffer | string; readonly key: Buffer | string },
  handshakeTimeoutMs: number,
  entrance: Pick<Entrance, 'note'>,
  accept: Accept,
): Accept => {
  /** Those whose handshake is under way. */
  const guests = new Map<string, Guest>();
  const server = createTlsServer({ cert, key, handshakeTimeout: handshakeTimeoutMs }, (socket) => {
    const ends = endsOf(socket);
    const guest = guests.get(ends);
    guests.delete(ends);
    // Without one its connection has ended in the same turn.
    if (guest === undefined) socket.destroy();
    else accept(socket, guest);
  });
  return (socket, guest) => {
    const ends = endsOf(socket);
    guests.set(ends, guest);
    socket.once('close', () => {
      if (guests.get(ends) !== guest) return;
      guests.delete(ends);
      entrance.note('tls-failed', guest.address);
    });
    server.emit('connection', socket);
  };
};

/** What to do with a connection whose turn has come. */
const greeter = (
  { tls, handshakeTimeoutMs }: MinerServerOptions,
  entrance: Pick<Entrance, 'refuse' | 'note'>,
  accept: Accept,
): Accept => {
  const acceptPlain: Accept = (socket, guest) => {
    accept(socket, guest);
    socket.resume();
  };
  if (tls === undefined) {
    return (socket, guest) => {
      readShared(socket);
      acceptPlain(socket, guest);
    };
  }
  const decrypt = createDecryption(tls, handshakeTimeoutMs, entrance, accept);
  return (socket, guest) =>
    onFirstBytes(
      socket,
      handshakeTimeoutMs,
      (bytes) => {
        if (bytes[0] === TLS_HANDSHAKE) decrypt(socket, guest);
        else if (tls.allowPlain) acceptPlain(socket, guest);
        else if (isProxyHeader(bytes)) entrance.refuse(socket, 'proxy-header-unexpected', guest.address);
        // It hears in an alert what this port speaks.
        else decrypt(socket, guest);
      },
      () => entrance.refuse(socket, 'no-first-byte', guest.address),
    );
};

const isProxyHeader = (bytes: Buffer): boolean => decodeProxyHeader(bytes).kind !== 'absent';

/**
 * `accept` gets sockets ready to be read, decrypted where they were not in the clear. Before, each waits at the
 * entrance, without a byte of it being read.
 */
export const createMinerServer = (
  options: MinerServerOptions,
  entrance: Entrance,
  accept: Accept,
): Server => {
  const greet = greeter(options, entrance, accept);
  return createServer({ pauseOnConnect: true }, (socket) => {
    // Whoever takes it listens for errors as well; until then the close that follows says enough.
    socket.on('error', ignore);
    entrance.enter(socket, (guest) => greet(socket, guest));
  });
};
