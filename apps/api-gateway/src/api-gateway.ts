/** Puts adapter, module and Nest application together, with an explicit start and stop. */
import type { Server } from 'node:http';

import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ListenAddress } from '@otedama/config';
import { clientKey } from '@otedama/edge';
import { ListenError, listenError, nestLogger } from '@otedama/observability';

import { AnswerCache } from './answers/answer-cache.ts';
import { ApiGatewayModule, type SharedHttp } from './api-gateway.module.ts';
import { listSwaggerFiles } from './docs/swagger-ui.ts';
import { createApiAdapter, trustOf } from './http/adapter.ts';
import { ConnectionPlaces } from './http/connection-places.ts';
import { ApiConnections } from './http/connections.ts';
import { Insistent } from './http/insistent.ts';
import { type RateLimiter, type RateLimiterOptions, createRateLimiter } from './http/rate-limiter.ts';
import { type StaticFile, listDashboardFiles } from './http/static-files.ts';
import { createTls } from './http/tls.ts';
import {
  MAX_ANSWERS_LOADING,
  MAX_ANSWERS_REFRESHING,
  MAX_ANSWERS_WAITING,
  MAX_ANSWER_BYTES,
  MAX_HTTP_CONNECTIONS,
  MIN_RATE_BURST,
  SPARE_CONNECTIONS,
  STOP_DEADLINE_MS,
} from './limits.ts';
import { createApiMetrics, registerApiGauges } from './metrics.ts';
import type { ApiGatewayDeps, ApiGatewayOptions } from './options.ts';
import { meterQueries } from './query/metered-queries.ts';

export interface ApiGateway {
  /** Listens; resolves with the address, which has the real port when 0 was asked for. */
  start(): Promise<ListenAddress>;
  /** Stops accepting, lets answers in flight finish within a deadline, closes viewers. */
  stop(): Promise<void>;
}

function sharedHttp(
  deps: ApiGatewayDeps,
  options: ApiGatewayOptions,
  swaggerFiles: readonly StaticFile[],
): SharedHttp {
  const ratePerSecond = options.api.rateLimitPerSecond;
  const metrics = createApiMetrics(deps.registry);
  const insistent = new Insistent(() => performance.now());
  const limiterOf = (
    who: string,
    keyOf: RateLimiterOptions['keyOf'],
    noteRefusal: (key: string) => void,
  ): RateLimiter | undefined => {
    if (ratePerSecond <= 0) return undefined;
    const budget = { ratePerSecond, burst: Math.max(MIN_RATE_BURST, 2 * ratePerSecond) };
    return createRateLimiter(deps.counters, {
      who,
      budget,
      keyOf,
      onRefused(key) {
        metrics.rateLimited.inc();
        noteRefusal(key);
      },
    });
  };
  return {
    metrics,
    rateLimiter: limiterOf('address', clientKey, (address) => insistent.noteRefusal(address)),
    identityLimiter: limiterOf(
      'identity',
      (identity) => identity,
      () => undefined,
    ),
    insistent,
    hasSwaggerUi: swaggerFiles.length > 0,
    answers: new AnswerCache(deps.clock, {
      maxBytes: MAX_ANSWER_BYTES,
      maxRefreshing: MAX_ANSWERS_REFRESHING,
      maxLoading: MAX_ANSWERS_LOADING,
      maxWaiting: MAX_ANSWERS_WAITING,
    }),
  };
}

function createApp(
  deps: ApiGatewayDeps,
  options: ApiGatewayOptions,
  shared: SharedHttp,
  swaggerFiles: readonly StaticFile[],
): Promise<NestFastifyApplication> {
  const adapter = createApiAdapter(shared, {
    isTls: options.api.tls !== undefined,
    trustedProxies: options.api.trustedProxies,
    corsOrigins: options.api.corsOrigins,
    staticFiles: [
      ...(options.dashboardDir === undefined ? [] : listDashboardFiles(options.dashboardDir)),
      ...swaggerFiles,
    ],
  });
  return NestFactory.create<NestFastifyApplication>(
    ApiGatewayModule.register(deps, options, shared),
    adapter,
    { logger: nestLogger(deps.logger), abortOnError: false },
  );
}

/** No address shuts the others out. Those of proxies are many people's. */
function createConnections(
  { pace }: ApiGatewayDeps,
  { api }: ApiGatewayOptions,
  { metrics, insistent }: SharedHttp,
  server: Server,
): ApiConnections {
  const trust = trustOf(api.trustedProxies);
  const maxConnections = MAX_HTTP_CONNECTIONS + api.live.maxClients;
  const isShared = (address: string): boolean => trust !== false && trust(address);
  const places = new ConnectionPlaces({
    places: maxConnections - SPARE_CONNECTIONS,
    isShared,
    onShed: () => metrics.connectionsShed.inc(),
  });
  const secure = api.tls === undefined ? undefined : createTls(api.tls);
  return new ApiConnections(
    { server, pace, places, insistent, isShared, metrics },
    { maxConnections, ...(secure === undefined ? {} : { secure }) },
  );
}

export async function createApiGateway(
  given: ApiGatewayDeps,
  options: ApiGatewayOptions,
): Promise<ApiGateway> {
  const swaggerFiles = listSwaggerFiles(options.swaggerUiDir);
  const shared = sharedHttp(given, options, swaggerFiles);
  const deps = { ...given, queries: meterQueries(given.queries, shared.metrics.querySeconds) };
  const app = await createApp(deps, options, shared, swaggerFiles);
  const connections = createConnections(deps, options, shared, app.getHttpServer());
  registerApiGauges(deps.registry, {
    answerCacheBytes: () => shared.answers.bytes,
    answersLoading: () => shared.answers.loading,
    connections: () => connections.size,
    connectionsWaiting: () => connections.waiting,
    addressesOut: () => shared.insistent.size,
  });
  // Accounting may book it a moment later: answers of before that are made anew within their short life.
  const blocks = deps.blocksLog?.onAppend(() => shared.answers.forget());
  const { listen } = options.api;
  return {
    async start() {
      try {
        await app.init();
        await app.getHttpAdapter().getInstance().ready();
        return await connections.listen(listen);
      } catch (error) {
        await app.close();
        throw error instanceof ListenError ? error : listenError('The API', listen, error);
      }
    },
    async stop() {
      blocks?.unsubscribe();
      // A request that never ends must not keep the process: its connection is cut at the deadline.
      const deadline = setTimeout(() => connections.cut(), STOP_DEADLINE_MS);
      connections.stopListening();
      try {
        await app.close();
        await connections.gone();
      } finally {
        clearTimeout(deadline);
      }
    },
  };
}
