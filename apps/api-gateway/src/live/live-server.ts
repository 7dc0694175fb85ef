/**
 * `ws /api/ws` on the API's own HTTP server: admits an upgrade (path, origin, rate, room), finds out who comes, and
 * binds the socket to the hub. The timer that drives the hub lives here.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';

import type { Logger } from '@otedama/contracts';
import { clientKey } from '@otedama/edge';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';

import { type Asked, isSameOrigin } from '../http/access.ts';
import type { Identity } from '../http/identity.ts';
import { PROBLEM_CONTENT_TYPE, ProblemError, toProblem } from '../http/problem.ts';
import type { RateLimiter } from '../http/rate-limiter.ts';
import { type Trust, askedBy } from '../http/upgrade.ts';
import { MAX_LIVE_MESSAGE_BYTES } from '../limits.ts';
import type { ApiMetrics } from '../metrics.ts';
import type { LiveHub, LiveSocket } from './hub.ts';

export const LIVE_PATH = '/api/ws';
const TICK_MS = 1_000;
const CLOSE_GRACE_MS = 500;

export interface LiveServer {
  attach(server: Server): void;
  stop(): Promise<void>;
}

export interface LiveServerDeps {
  readonly hub: LiveHub;
  readonly identify: (asked: Asked) => Promise<Identity | undefined>;
  readonly trust: Trust;
  readonly logger: Logger;
  readonly metrics: ApiMetrics;
  readonly rateLimiter: RateLimiter | undefined;
  /** Begins and ends with the server: what the hub shows. */
  readonly follow: () => { stop(): void };
}

function refuse(socket: Duplex, error: ProblemError): void {
  const { problem, headers } = toProblem(error, LIVE_PATH);
  const body = JSON.stringify(problem);
  const lines = Object.entries({
    ...headers,
    'content-type': PROBLEM_CONTENT_TYPE,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${problem.status} ${problem.title}\r\n${lines.join('')}\r\n${body}`);
}

function refusalOfRoom({ hub, metrics }: LiveServerDeps, asked: Asked): ProblemError | undefined {
  const reason = hub.refusal(clientKey(asked.ip));
  if (reason === undefined) return undefined;
  metrics.liveDropped.inc({ reason });
  return new ProblemError('too-many-clients', { headers: { 'retry-after': '30' } });
}

/** Why this upgrade may not be, if so. */
function refusalOf(url: string | undefined, asked: Asked, deps: LiveServerDeps): ProblemError | undefined {
  if (url?.split('?', 1)[0] !== LIVE_PATH) return new ProblemError('not-found');
  if (!isSameOrigin({ origin: asked.headers.origin, host: asked.host })) {
    return new ProblemError('forbidden', { detail: 'A page of another origin may not watch.' });
  }
  return deps.rateLimiter?.refusalFor(asked.ip) ?? refusalOfRoom(deps, asked);
}

/** Whom a request names, with the token in the place of its own; undefined: nobody. */
async function identify(
  deps: LiveServerDeps,
  asked: Asked,
  token: string | undefined,
): Promise<Identity | undefined> {
  const headers =
    token === undefined ? asked.headers : { ...asked.headers, authorization: `Bearer ${token}` };
  try {
    return await deps.identify({ ...asked, headers });
  } catch (error) {
    if (error instanceof ProblemError) return undefined;
    throw error;
  }
}

const isOpen = (socket: WebSocket): boolean => socket.readyState === socket.OPEN;

/**
 * Frames are written to the connection itself: they are made once for all, and ws would make a header for each. It
 * writes only control frames of its own, whole, so that none comes between.
 */
function asLiveSocket(socket: WebSocket, connection: Duplex, deps: LiveServerDeps, asked: Asked): LiveSocket {
  let token: string | undefined;
  return {
    get pendingBytes() {
      return connection.writableLength;
    },
    address: clientKey(asked.ip),
    write: (frame) => void (isOpen(socket) && connection.write(frame)),
    ping: () => void (isOpen(socket) && socket.ping()),
    pong: (data) => void (isOpen(socket) && socket.pong(data)),
    close: (code, reason) => socket.close(code, reason),
    pause: () => socket.pause(),
    terminate: () => socket.terminate(),
    async identify(said = token) {
      const identity = await identify(deps, asked, said);
      if (identity !== undefined) token = said;
      return identity;
    },
  };
}

const textOf = (data: RawData, isBinary: boolean): string | undefined =>
  isBinary || !Buffer.isBuffer(data) ? undefined : data.toString('utf8');

/** Admits who may come, and binds each socket to the hub. */
function createAdmission(deps: LiveServerDeps) {
  const { hub, logger } = deps;
  const acceptor = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    autoPong: false,
    maxPayload: MAX_LIVE_MESSAGE_BYTES,
  });

  const bind = (live: LiveSocket, socket: WebSocket, connection: Duplex, who: Identity | undefined): void => {
    // ws closes the connection itself after an error; the handler keeps it from becoming an exception.
    socket.on('error', (error) => logger.debug({ error }, 'live socket error'));
    socket.on('close', () => hub.leave(live));
    socket.on('pong', () => hub.notePong(live));
    socket.on('ping', (data) => hub.notePing(live, data));
    socket.on('message', (data, isBinary) => {
      hub
        .noteMessage(live, textOf(data, isBinary))
        .catch((error: unknown) => logger.error({ error }, 'a live message could not be answered'));
    });
    connection.on('drain', () => hub.noteDrain(live));
    hub.join(live, who);
  };

  const admit = async (
    request: IncomingMessage,
    connection: Duplex,
    head: Buffer,
    asked: Asked,
  ): Promise<void> => {
    // Where it cannot be found out, it is nobody: most topics are for all.
    const who = await identify(deps, asked, undefined).catch((error: unknown) => {
      logger.debug({ error }, 'it cannot be found out who a live client is');
      return undefined;
    });
    // Others may have come meanwhile.
    const refusal = refusalOfRoom(deps, asked);
    if (refusal !== undefined) return refuse(connection, refusal);
    acceptor.handleUpgrade(request, connection, head, (socket) =>
      bind(asLiveSocket(socket, connection, deps, asked), socket, connection, who),
    );
    return undefined;
  };

  return (request: IncomingMessage, connection: Duplex, head: Buffer): void => {
    connection.on('error', (error) => logger.debug({ error }, 'live upgrade socket error'));
    const asked = askedBy(request, deps.trust);
    const refusal = refusalOf(request.url, asked, deps);
    if (refusal !== undefined) return refuse(connection, refusal);
    admit(request, connection, head, asked).catch((error: unknown) => {
      logger.error({ error }, 'a live socket could not be admitted');
      connection.destroy();
    });
    return undefined;
  };
}

export function createLiveServer(deps: LiveServerDeps): LiveServer {
  const { hub } = deps;
  const onUpgrade = createAdmission(deps);
  let timer: NodeJS.Timeout | undefined;
  let following: { stop(): void } | undefined;
  let detach = (): void => undefined;

  return {
    attach(server) {
      server.on('upgrade', onUpgrade);
      detach = () => void server.off('upgrade', onUpgrade);
      timer = setInterval(() => hub.tick(), TICK_MS);
      timer.unref();
      following = deps.follow();
    },
    async stop() {
      detach();
      clearInterval(timer);
      const deadline = new AbortController();
      const grace = setTimeout(CLOSE_GRACE_MS, undefined, { signal: deadline.signal });
      await Promise.race([hub.close(), grace]);
      grace.catch(() => undefined);
      deadline.abort();
      hub.cut();
      following?.stop();
    },
  };
}
