import { z } from 'zod';
import { connectPaths } from './rpc-connection.ts';
import { failureOf } from './testing/failure.ts';
import { http, type RawServer, startRawServer } from './testing/raw-server.ts';

const LOGIN = { user: '', password: { reveal: () => '' } };
const OPTIONS = { timeoutMs: 5_000 };

let server: RawServer;
// The server of these tests takes a request as whole when it has seen an id.
const PARAMS = { id: 1, txs_hashes: ['ab'] };
const connect = async (reply: string) => {
  server = await startRawServer((socket) => socket.write(reply));
  return connectPaths({ name: 'xmr', url: `${server.url}/`, ...LOGIN }, ['get_transactions']);
};

afterEach(() => server.close());

it('posts the bare parameters to the path of the method, and reads the bare result', async () => {
  const client = await connect(http('200 OK', '{"status":"OK"}'));
  const result = await client.call('get_transactions', PARAMS, z.unknown(), OPTIONS);
  client.close();
  expect(result).toEqual({ status: 'OK' });
  expect(server.requests[0]).toMatch(/^POST \/get_transactions HTTP/);
  expect(server.requests[0]).toMatch(/\r\n\r\n\{"id":1,"txs_hashes":\["ab"\]\}$/);
});

it.each([
  ['404 Not Found', '{"status":"OK"}', 'DAEMON_HTTP_STATUS'],
  ['200 OK', '<html>', 'DAEMON_NOT_JSON'],
  ['200 OK', '', 'DAEMON_EMPTY_REPLY'],
  ['401 Unauthorized', '', 'DAEMON_UNAUTHORIZED'],
])('%s with %p is no result', async (status, body, code) => {
  const client = await connect(http(status, body));
  expect((await failureOf(client.call('get_transactions', PARAMS, z.unknown(), OPTIONS))).code).toBe(code);
  client.close();
});
