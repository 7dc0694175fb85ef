/**
 * The least that `ws` can do, in a process of its own: each message of the parent process to every client, by its own
 * `send`, as an API gateway would be without frames made once.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

const http = createServer();
const sockets = new WebSocketServer({ server: http, path: '/api/ws', perMessageDeflate: false });
sockets.on('connection', (socket) => {
  socket.send('{"type":"welcome"}');
  socket.on('message', () => socket.send('{"type":"snapshot"}'));
});
process.on('message', (text: string) => {
  for (const socket of sockets.clients) socket.send(text);
});
process.on('disconnect', () => process.exit());
http.listen({ host: '127.0.0.1', port: 0, backlog: 4_096 }, () =>
  process.send?.((http.address() as AddressInfo).port),
);
