/**
 * `ws /api/ws` on the API's own HTTP server: admits an upgrade (path, origin, rate, room), then binds the
 * socket to the hub. The timer that drives the hub lives here.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';

import type { DurableLog, Logger, Subscription } from '@otedama/contracts';
import { type WebSocket, WebSocketServer } from 'ws';

import { isSameOrigin } from '../http/access.ts';
import { PROBLEM_CONTENT_TYPE, ProblemError, toProblem } from '../http/problem.ts';
import type { RateLimiter } from '../http/rate-limiter.ts';
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
  readonly logger: Logger;
  readonly metrics: ApiMetrics;
  readonly rateLimiter: RateLimiter | undefined;
  readonly blocksLog: Pick<DurableLog, 'onAppend'> | undefined;
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

/** Why this upgrade may not be, if so. */
function refusalOf(request: IncomingMessage, deps: LiveServerDeps): ProblemError | undefined {
  if (request.url?.split('?', 1)[0] !== LIVE_PATH) return new ProblemError('not-found');
  if (!isSameOrigin(request.headers)) {
    return new ProblemError('forbidden', { detail: 'A page of another origin may not watch.' });
  }
  const waitMs = deps.rateLimiter?.take(request.socket.remoteAddress ?? '') ?? 0;
  if (waitMs > 0) {
    return new ProblemError('rate-limited', {
      headers: { 'retry-after': String(Math.ceil(waitMs / 1_000)) },
    });
  }
  if (deps.hub.isFull) {
    deps.metrics.liveDropped.inc({ reason: 'full' });
    return new ProblemError('too-many-clients', { headers: { 'retry-after': '30' } });
  }
  return undefined;
}

/** `bufferedAmount` of ws counts what its own sender and the TCP socket hold. */
const asLiveSocket = (socket: WebSocket): LiveSocket => ({
  get bufferedAmount() {
    return socket.bufferedAmount;
  },
  send: (text) => socket.send(text),
  ping: () => socket.ping(),
  close: (code, reason) => socket.close(code, reason),
  terminate: () => socket.terminate(),
});

export function createLiveServer(deps: LiveServerDeps): LiveServer {
  const { hub, logger } = deps;
  const acceptor = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_LIVE_MESSAGE_BYTES,
  });
  let timer: NodeJS.Timeout | undefined;
  let blocks: Subscription | undefined;
  let detach = (): void => undefined;

  const supervise = (task: Promise<void>): void => {
    task.catch((error: unknown) => logger.error({ error }, 'live feed failed'));
  };

  const admit = (socket: WebSocket): void => {
    const live = asLiveSocket(socket);
    // ws closes the connection itself after an error; the handler keeps it from becoming an exception.
    socket.on('error', (error) => logger.debug({ error }, 'live socket error'));
    socket.on('close', () => hub.leave(live));
    socket.on('pong', () => hub.notePong(live));
    socket.on('message', () => hub.noteMessage(live));
    supervise(hub.join(live));
  };

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', (error) => logger.debug({ error }, 'live upgrade socket error'));
    const refusal = refusalOf(request, deps);
    if (refusal !== undefined) {
      refuse(socket, refusal);
      return;
    }
    acceptor.handleUpgrade(request, socket, head, admit);
  };

  return {
    attach(server) {
      server.on('upgrade', onUpgrade);
      detach = () => void server.off('upgrade', onUpgrade);
      timer = setInterval(() => supervise(hub.tick()), TICK_MS);
      timer.unref();
      blocks = deps.blocksLog?.onAppend(() => supervise(hub.wakeForBlock()));
    },
    async stop() {
      detach();
      clearInterval(timer);
      blocks?.unsubscribe();
      const deadline = new AbortController();
      const grace = setTimeout(CLOSE_GRACE_MS, undefined, { signal: deadline.signal });
      await Promise.race([hub.close(), grace]);
      grace.catch(() => undefined);
      deadline.abort();
      hub.cut();
    },
  };
}
