import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** Answers each request with the bytes that `respond` gives, well-formed or not; sees what was asked. */
export interface RawServer {
  readonly url: string;
  readonly requests: string[];
  readonly connections: number;
  close(): Promise<void>;
}

export type Respond = (socket: Socket, request: { readonly id: number; readonly text: string }) => void;

export const http = (status: string, body: string, extra = ''): string =>
  `HTTP/1.1 ${status}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${extra}\r\n${body}`;

export const rpcResult = (id: number, result: unknown): string =>
  http('200 OK', JSON.stringify({ result, error: null, id }));

export const rpcError = (id: number, code: number, message: string): string =>
  http('500 Internal Server Error', JSON.stringify({ result: null, error: { code, message }, id }));

/** Requests of the client are small and come in one or two segments; the id says that the body is there. */
const REQUEST_ID = /"id":(\d+),/;

export const startRawServer = async (respond: Respond): Promise<RawServer> => {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    let pending = '';
    socket.on('data', (bytes: Buffer) => {
      pending += bytes.toString('utf8');
      const id = REQUEST_ID.exec(pending)?.[1];
      if (id === undefined || !pending.endsWith('}')) return;
      requests.push(pending);
      const text = pending;
      pending = '';
      respond(socket, { id: Number(id), text });
    });
    // A client that gives up resets the connection: nothing to report here.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    get connections() {
      return connections;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};
