import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createHttpTransport, type HttpTransport } from './http-transport.ts';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const SECRET = md5('otedama:test:good');

/** As epee has it: a nonce belongs to one connection, and its count must go up by one each time. */
const createServerWithDigest = () => {
  const nonces = new WeakMap<Socket, { readonly nonce: string; count: number }>();
  const seen = { connections: 0, challenges: 0, sockets: new Set<Socket>() };

  const isGood = (socket: Socket, authorization: string, url: string): boolean => {
    const known = nonces.get(socket);
    const field = (name: string): string =>
      new RegExp(`[ ,]${name}="?([^",]+)`).exec(authorization)?.[1] ?? '';
    if (known === undefined || field('nonce') !== known.nonce) return false;
    known.count++;
    const nc = known.count.toString(16).padStart(8, '0');
    const expected = md5(`${SECRET}:${known.nonce}:${nc}:${field('cnonce')}:auth:${md5(`POST:${url}`)}`);
    return field('response') === expected;
  };

  const challenge = (response: ServerResponse, socket: Socket): void => {
    seen.challenges++;
    const nonce = randomBytes(12).toString('base64');
    nonces.set(socket, { nonce, count: 0 });
    const value = (algorithm: string): string =>
      `Digest qop="auth",algorithm=${algorithm},realm="test",nonce="${nonce}",stale=false`;
    response
      .writeHead(401, { 'www-authenticate': [value('MD5'), value('MD5-sess')] })
      .end('<html>401</html>');
  };

  const answer = (request: IncomingMessage, response: ServerResponse, body: string): void => {
    const { authorization = '', host: _ } = request.headers;
    if (!isGood(request.socket, authorization, request.url ?? '')) return challenge(response, request.socket);
    response.end(`echo ${body}`);
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, response, Buffer.concat(chunks).toString()));
  });
  server.on('connection', (socket) => {
    seen.connections++;
    seen.sockets.add(socket);
  });
  return { server, seen };
};

let transport: HttpTransport;
let fixture: ReturnType<typeof createServerWithDigest>;
let password: string;

beforeEach(async () => {
  fixture = createServerWithDigest();
  fixture.server.listen(0, '127.0.0.1');
  await once(fixture.server, 'listening');
  const { port } = fixture.server.address() as AddressInfo;
  password = 'good';
  transport = createHttpTransport({
    url: `http://127.0.0.1:${port}/json_rpc?x=1`,
    login: { kind: 'digest', user: 'otedama', password: { reveal: () => password } },
    maxResponseBytes: 1_000,
  });
});

afterEach(() => {
  transport.close();
  fixture.server.closeAllConnections();
  fixture.server.close();
});

const post = async (text: string): Promise<string> => {
  const result = await transport.post(Buffer.from(text), new AbortController().signal);
  return result.ok ? `${result.status} ${result.body.toString()}` : result.fault.kind;
};

describe('digest over HTTP', () => {
  it('is challenged once for a connection, and counts from then on', async () => {
    for (const text of ['a', 'b', 'c']) expect(await post(text)).toBe(`200 echo ${text}`);
    expect(fixture.seen).toMatchObject({ connections: 1, challenges: 1 });
  });

  it('keeps the nonces of several connections apart', async () => {
    const texts = Array.from({ length: 12 }, (_, index) => `${index}`);
    const expected = texts.map((text) => `200 echo ${text}`);
    expect(await Promise.all(texts.map(post))).toEqual(expected);
    expect(await Promise.all(texts.map(post))).toEqual(expected);
    // Four connections are kept.
    expect(fixture.seen.connections).toBe(20);
    expect(fixture.seen.challenges).toBe(20);
  });

  it('goes on over a new connection when the server closed the old one while idle', async () => {
    await post('a');
    for (const socket of fixture.seen.sockets) socket.destroy();
    expect(await post('b')).toBe('200 echo b');
    expect(fixture.seen.challenges).toBe(2);
  });

  it('a wrong password is a refusal after two attempts, and the right one works again', async () => {
    password = 'bad';
    expect(await post('a')).toBe('401 <html>401</html>');
    expect(fixture.seen.challenges).toBe(2);
    password = 'good';
    expect(await post('b')).toBe('200 echo b');
  });

  it('ends with its signal', async () => {
    const aborted = await transport.post(Buffer.from('a'), AbortSignal.abort());
    expect(aborted).toMatchObject({ ok: false, fault: { kind: 'aborted' } });
  });
});
