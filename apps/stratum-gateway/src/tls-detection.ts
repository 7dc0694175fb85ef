/**
 * The listener of miners, in the clear, over TLS, or both on one port. Both is told by the first byte, since
 * miners speak first and no JSON text begins like a TLS record. Until that byte a connection is nobody's: it
 * has a deadline, and counts towards `maxConnections` like every other.
 */
import { type Server, type Socket, createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { WaitingRoom } from './waiting-room.ts';

export interface MinerServerOptions {
  /** PEM; undefined: in the clear only. */
  readonly tls:
    | { readonly cert: Buffer | string; readonly key: Buffer | string; readonly allowPlain: boolean }
    | undefined;
  /** For the first byte, and once more for the TLS handshake. */
  readonly handshakeTimeoutMs: number;
}

/** Content type of the first record of a TLS connection. */
const TLS_HANDSHAKE = 0x16;

/** Calls back with the first byte, which stays to be read. Nothing is heard of a peer that sends none. */
const onFirstByte = (socket: Socket, timeoutMs: number, take: (byte: number) => void): void => {
  const deadline = setTimeout(() => socket.destroy(), timeoutMs);
  const onReadable = (): void => {
    const chunk = socket.read() as Buffer | null;
    const byte = chunk?.[0];
    if (chunk === null || byte === undefined) return;
    clearTimeout(deadline);
    socket.off('readable', onReadable);
    socket.unshift(chunk);
    take(byte);
  };
  socket.on('readable', onReadable);
  socket.once('close', () => clearTimeout(deadline));
};

type Accept = (socket: Socket) => void;

const ignore = (): void => undefined;

/** What to do with a connection whose turn has come. */
const greeter = ({ tls, handshakeTimeoutMs }: MinerServerOptions, accept: Accept): Accept => {
  const acceptPlain: Accept = (socket) => {
    accept(socket);
    socket.resume();
  };
  if (tls === undefined) return acceptPlain;
  const { cert, key, allowPlain } = tls;
  const secure = createTlsServer({ cert, key, handshakeTimeout: handshakeTimeoutMs }, accept);
  const decrypt: Accept = (socket) => void secure.emit('connection', socket);
  if (!allowPlain) return decrypt;
  return (socket) =>
    onFirstByte(socket, handshakeTimeoutMs, (byte) => {
      if (byte === TLS_HANDSHAKE) decrypt(socket);
      else acceptPlain(socket);
    });
};

/**
 * `accept` gets sockets ready to be read, decrypted where they were not in the clear. Before, each waits in the
 * room for its turn, without a byte of it being read.
 */
export const createMinerServer = (
  options: MinerServerOptions,
  room: Pick<WaitingRoom, 'enter'>,
  accept: Accept,
): Server => {
  const greet = greeter(options, accept);
  return createServer({ pauseOnConnect: true }, (socket) => {
    // Whoever takes it listens for errors as well; until then the close that follows says enough.
    socket.on('error', ignore);
    room.enter(socket, () => greet(socket));
  });
};
