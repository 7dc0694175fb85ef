/**
 * The HTTP server: Fastify under Nest's adapter, with what holds for every request: limits, security headers, the
 * rate limit, request timing, problem details for what never reaches a handler, and the static files. Routes with
 * logic are controllers.
 */
import type { Socket } from 'node:net';

import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type Prefix, PrefixSet, parseIpAddress } from '@otedama/edge';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { addAnswers } from '../answers/send-answers.ts';
import { KEEP_ALIVE_TIMEOUT_MS, MAX_BODY_BYTES, MAX_PATH_PART_CHARS, REQUEST_TIMEOUT_MS } from '../limits.ts';
import type { ApiMetrics } from '../metrics.ts';
import { addCors } from './cors.ts';
import { addEntityTags } from './entity-tags.ts';
import { PROBLEM_CONTENT_TYPE, toProblem } from './problem.ts';
import type { Insistent } from './insistent.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { refuseOtherMethods } from './route-table.ts';
import { securityHeaders } from './security-headers.ts';
import { type StaticFile, registerStaticFiles } from './static-files.ts';

export interface HttpAdapterDeps {
  readonly metrics: ApiMetrics;
  /** Absent: no limit. */
  readonly rateLimiter: RateLimiter | undefined;
  readonly insistent: Insistent;
}

export interface HttpAdapterOptions {
  /** Its connections come out of TLS. */
  readonly isTls: boolean;
  readonly trustedProxies: readonly Prefix[];
  /** Whose pages may read what is public. */
  readonly corsOrigins: readonly string[];
  readonly staticFiles: readonly StaticFile[];
}

/** A request that is not HTTP: nothing to route, so the answer is written by hand. */
function answerUnparsable(error: Error & { code?: string }, socket: Socket): void {
  // The peer went away, or an answer is already on its way: nobody to tell.
  if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const { problem } = toProblem({ statusCode: status });
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${status} ${problem.title}\r\nContent-Type: ${PROBLEM_CONTENT_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

/** Malformed URLs and the like, which the router refuses before any hook has run. */
function answerUnroutable(headers: Readonly<Record<string, string>>) {
  return (error: Error, _request: FastifyRequest, reply: FastifyReply): void => {
    const { problem } = toProblem(error);
    void reply.code(problem.status).headers(headers).type(PROBLEM_CONTENT_TYPE).send(problem);
  };
}

const isHealth = (url: string): boolean => url.startsWith('/health/');

function addRateLimit(server: FastifyInstance, limiter: RateLimiter, insistent: Insistent): void {
  server.addHook('onRequest', (request, reply, done) => {
    // Probes must not fail because a viewer behind the same address is busy.
    if (isHealth(request.url)) {
      done();
      return;
    }
    const refusal = limiter.refusalFor(request.ip);
    void reply.headers(limiter.headers(request.ip));
    if (insistent.isOut(request.ip)) void reply.header('connection', 'close');
    done(refusal);
  });
}

function addTiming(server: FastifyInstance, metrics: ApiMetrics): void {
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unmatched';
    const status = `${Math.floor(reply.statusCode / 100)}xx`;
    metrics.requestSeconds.observe({ route, method: request.method, status }, reply.elapsedTime / 1_000);
    done();
  });
}

function addHeaders(server: FastifyInstance, headers: Readonly<Record<string, string>>): void {
  server.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(headers);
    done();
  });
  server.addHook('onSend', (_request, reply, _payload, done) => {
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
    done();
  });
}

/** Only what a trusted proxy has added is believed: the address next to it, and the host and scheme that it was asked by. */
export const trustOf = (prefixes: readonly Prefix[]): false | ((address: string) => boolean) => {
  if (prefixes.length === 0) return false;
  const trusted = new PrefixSet(prefixes);
  return (text) => {
    const address = parseIpAddress(text);
    return address !== undefined && trusted.has(address);
  };
};

export function createApiAdapter(deps: HttpAdapterDeps, options: HttpAdapterOptions): FastifyAdapter {
  const headers = securityHeaders(options.isTls);
  const adapter = new FastifyAdapter({
    logger: false,
    trustProxy: trustOf(options.trustedProxies),
    // No Express middleware is used, so its bridge is not loaded.
    skipMiddie: true,
    bodyLimit: MAX_BODY_BYTES,
    routerOptions: { maxParamLength: MAX_PATH_PART_CHARS },
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    clientErrorHandler: answerUnparsable,
    frameworkErrors: answerUnroutable(headers),
  });
  const server = adapter.getInstance();
  addEntityTags(server);
  addHeaders(server, headers);
  addCors(server, options.corsOrigins);
  if (deps.rateLimiter !== undefined) addRateLimit(server, deps.rateLimiter, deps.insistent);
  addTiming(server, deps.metrics);
  refuseOtherMethods(server);
  addAnswers(server);
  registerStaticFiles(server, options.staticFiles);
  return adapter;
}
