/**
 * The listener of miners, in the clear, over TLS, or both on one port. Both is told by the first byte, since
 * miners speak first and no JSON text begins like a TLS record. Until that byte a connection is nobody's: it
 * has a deadline, and counts towards `maxConnections` like every other.
 */
import { type Server, type Socket, createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

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

/** `accept` gets sockets ready to be read, decrypted where they were not in the clear. */
export const createMinerServer = (
  { tls, handshakeTimeoutMs }: MinerServerOptions,
  accept: (socket: Socket) => void,
): Server => {
  if (tls === undefined) return createServer(accept);
  const { cert, key, allowPlain } = tls;
  const secure = createTlsServer({ cert, key, handshakeTimeout: handshakeTimeoutMs }, accept);
  if (!allowPlain) return secure;
  return createServer((socket) => {
    // Whoever takes it listens for errors as well; until then the close that follows says enough.
    socket.on('error', () => undefined);
    onFirstByte(socket, handshakeTimeoutMs, (byte) => {
      if (byte === TLS_HANDSHAKE) secure.emit('connection', socket);
      else accept(socket);
    });
  });
};
