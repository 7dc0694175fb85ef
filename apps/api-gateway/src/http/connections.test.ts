import { Agent, type IncomingMessage, get } from 'node:http';
import { type Socket, connect } from 'node:net';

import { parsePrefix, type Prefix } from '@otedama/edge';

import { type TestGateway, startGateway } from '../testing/harness.ts';

const REQUEST = 'GET /api/v1/nothing HTTP/1.1\r\nHost: a\r\n\r\n';

let api: TestGateway | undefined;
const peers: Socket[] = [];
afterEach(async () => {
  for (const peer of peers.splice(0)) peer.destroy();
  await api?.stop();
});

interface Peer {
  readonly socket: Socket;
  readonly heard: () => string;
  readonly closed: Promise<string | undefined>;
}

const knock = ({ port }: TestGateway, said = ''): Peer => {
  const socket = connect({ host: '127.0.0.1', port });
  peers.push(socket);
  let heard = '';
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1');
  });
  const closed = new Promise<string | undefined>((resolve) => {
    let code: string | undefined;
    socket.on('error', (error: NodeJS.ErrnoException) => {
      code = error.code;
    });
    socket.on('close', () => resolve(code));
  });
  socket.write(said);
  return { socket, heard: () => heard, closed };
};

const countOf = async ({ registry }: TestGateway, name: string): Promise<number> => {
  const metric = await registry.getSingleMetric(name)?.get();
  return metric?.values[0]?.value ?? Number.NaN;
};

const insist = async (gateway: TestGateway): Promise<Peer> => {
  const peer = knock(gateway, REQUEST.repeat(200));
  await peer.closed;
  return peer;
};

describe('an address that does not slow down', () => {
  it('has its connection ended, and is not let in for a while', async () => {
    api = await startGateway({ api: { rateLimitPerSecond: 1 } });
    const { heard } = await insist(api);
    expect(heard()).toContain('429 Too Many Requests');
    expect(heard()).toMatch(/connection: close/i);
    expect(await knock(api, REQUEST).closed).toBe('ECONNRESET');
    expect(await countOf(api, 'otedama_api_connections_dropped_total')).toBe(1);
    expect(await countOf(api, 'otedama_api_addresses_out')).toBe(1);
  });

  it('is let in all the same where it is that of a trusted proxy', async () => {
    const trustedProxies = [parsePrefix('127.0.0.1') as Prefix];
    api = await startGateway({ api: { rateLimitPerSecond: 1, trustedProxies } });
    await insist(api);
    const peer = knock(api, REQUEST);
    await new Promise((resolve) => peer.socket.once('data', resolve));
    expect(peer.heard()).toContain('429');
    expect(await countOf(api, 'otedama_api_connections_dropped_total')).toBe(0);
  });
});

it('answers requests that come together in their order, and what is in flight when it stops', async () => {
  api = await startGateway();
  const peer = knock(api, REQUEST.repeat(99) + REQUEST.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
  await peer.closed;
  expect(peer.heard().match(/HTTP\/1\.1 404/g)?.length).toBe(100);

  const agent = new Agent({ keepAlive: true });
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${api?.url}/api/status`, { agent }, resolve).on('error', reject);
  });
  answer.resume();
  expect(answer.statusCode).toBe(200);
  expect(await countOf(api, 'otedama_api_connections')).toBe(1);
  const idle = knock(api);
  await api.stop();
  api = undefined;
  await idle.closed;
  agent.destroy();
});
