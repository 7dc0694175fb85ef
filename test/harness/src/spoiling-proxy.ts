/** Stands between the pool and a real daemon and spoils answers on request: the ways that a reply can be wrong. */
import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer, request as sendRequest } from 'node:http';

export interface Spoiling {
  /** The methods whose answers it takes the place of; all of them when left out. */
  readonly methods?: readonly string[];
  /** The daemon is asked first, and does what it was asked. */
  readonly afterwards?: boolean;
  answer(response: ServerResponse, id: unknown): void;
}

export interface SpoilingProxy {
  readonly url: string;
  /** Undefined: as the daemon says it. */
  spoil(spoiling: Spoiling | undefined): void;
  stop(): Promise<void>;
}

const GIVE_UP_MS = 120_000;

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

export const startSpoilingProxy = async (daemonUrl: string): Promise<SpoilingProxy> => {
  let spoiling: Spoiling | undefined;

  /** On a connection of its own: daemons close idle ones, which must not look like one of our spoilings. */
  const ask = async (
    request: IncomingMessage,
    body: string,
    signal: AbortSignal,
  ): Promise<{ readonly status: number; readonly text: string }> => {
    const outgoing = sendRequest(new URL(request.url ?? '/', daemonUrl), {
      method: 'POST',
      agent: false,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        ...(request.headers.authorization === undefined
          ? {}
          : { authorization: request.headers.authorization }),
      },
      signal,
    }).end(body);
    const [reply] = (await once(outgoing, 'response')) as [IncomingMessage];
    return { status: reply.statusCode ?? 502, text: await readBody(reply) };
  };

  const forward = async (request: IncomingMessage, body: string, response: ServerResponse): Promise<void> => {
    const hangUp = new AbortController();
    response.on('close', () => hangUp.abort());
    const { status, text } = await ask(request, body, hangUp.signal);
    response.writeHead(status, { 'content-type': 'application/json' }).end(text);
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request);
    const { id, method } = JSON.parse(body) as { id: unknown; method?: string };
    // Monerod has calls whose method is their path.
    const called = method ?? (request.url ?? '').slice(1);
    const spoiled = (spoiling?.methods?.includes(called) ?? true) ? spoiling : undefined;
    if (spoiled === undefined) return forward(request, body, response);
    if (spoiled.afterwards === true) await ask(request, body, AbortSignal.timeout(GIVE_UP_MS));
    spoiled.answer(response, id);
  };

  // The pool hung up or the daemon did: both see it by the connection.
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP listener has a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    spoil: (next) => {
      spoiling = next;
      // What waits for an answer would otherwise go on waiting as if nothing had changed.
      server.closeAllConnections();
    },
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
