/** A port listened to by Node, where sockets are not native. It accepts all who knock; those beyond the queue are reset. */
import { type Server, type Socket, createServer } from 'node:net';

import type { AcceptOptions, Acceptor, Arrival } from './arrival.ts';

const MAPPED_IPV4 = /^::ffff:(?=\d+\.)/i;

/** Of a connection the close that follows says enough. */
const ignore = (): void => undefined;

const arrivalOf = (socket: Socket): Arrival => ({
  address: (socket.remoteAddress ?? '').replace(MAPPED_IPV4, ''),
  port: socket.remotePort ?? 0,
  stream: () => socket,
  descriptor: () => undefined,
  reset: () => void socket.resetAndDestroy(),
});

class NodeAcceptor implements Acceptor {
  readonly port: number;
  readonly #server: Server;
  readonly #waiting: Set<Socket>;

  constructor(server: Server, waiting: Set<Socket>) {
    this.#server = server;
    this.#waiting = waiting;
    const address = server.address();
    this.port = address !== null && typeof address === 'object' ? address.port : 0;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  take(): Arrival | undefined {
    const [socket] = this.#waiting;
    if (socket === undefined) return undefined;
    this.#waiting.delete(socket);
    return arrivalOf(socket);
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#waiting) socket.resetAndDestroy();
    this.#waiting.clear();
  }
}

export const acceptByNode = async (options: AcceptOptions, onWaiting: () => void): Promise<Acceptor> => {
  const waiting = new Set<Socket>();
  const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    socket.on('error', ignore);
    if (waiting.size >= options.maxWaiting) {
      socket.resetAndDestroy();
      return;
    }
    waiting.add(socket);
    socket.once('close', () => waiting.delete(socket));
    onWaiting();
  });
  const { host, port, backlog, reusePort } = options;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog, reusePort }, resolve);
  });
  // It goes on when the system has no descriptor for one who knocks.
  server.on('error', ignore);
  return new NodeAcceptor(server, waiting);
};
