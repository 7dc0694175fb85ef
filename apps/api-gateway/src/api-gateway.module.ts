/**
 * The module: providers by factory, controllers, and the lifecycle of what lives beside the request handlers
 * (the live feed). It expects the application to be created on `createApiAdapter`'s HTTP
 * adapter; `createApiGateway` does both.
 */
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type Provider,
  type Type,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, HttpAdapterHost } from '@nestjs/core';
import { createLiveStream } from '@otedama/bus';

import type { AnswerCache } from './answers/answer-cache.ts';
import { DocsController } from './controllers/docs.controller.ts';
import { buildOpenApi } from './docs/openapi.ts';
import { createAccessQueries } from './access/access-queries.ts';
import { Authenticator } from './access/authenticator.ts';
import { type AccessLimits, createAccessLimits } from './access/limits.ts';
import { createManage } from './access/manage.ts';
import { Sessions } from './access/sessions.ts';
import { createAccessGuard } from './http/access.guard.ts';
import { trustOf } from './http/adapter.ts';
import { createAudited, createNoteRefused } from './http/audited.ts';
import { createProblemFilter } from './http/problem.filter.ts';
import type { Insistent } from './http/insistent.ts';
import type { RateLimiter } from './http/rate-limiter.ts';
import { createLive } from './live/live.ts';
import type { LiveServer } from './live/live-server.ts';
import type { ApiMetrics } from './metrics.ts';
import { KeptSource } from './miningcore/kept-source.ts';
import { MiningcoreSource } from './miningcore/source.ts';
import type { ApiGatewayDeps, ApiGatewayOptions } from './options.ts';
import { createOperatorQueries } from './query/operator-queries.ts';
import { type PoolQueries, createPoolQueries } from './query/pool-queries.ts';
import { RESOURCES } from './resources.ts';
import { type StatusReader, createStatusReader } from './status/status-reader.ts';
import {
  ACCESS_LIMITS,
  ACCESS_QUERIES,
  ANSWERS,
  API_DEPS,
  API_DOCUMENT,
  API_OPTIONS,
  AUDITED,
  AUTHENTICATOR,
  HAS_SWAGGER_UI,
  KEPT_SOURCE,
  LIVE_SERVER,
  MANAGE,
  OPERATOR_QUERIES,
  POOL_QUERIES,
  SESSIONS,
  STATUS_READER,
} from './tokens.ts';

/** What the adapter and the module must share. */
export interface SharedHttp {
  readonly metrics: ApiMetrics;
  readonly rateLimiter: RateLimiter | undefined;
  readonly insistent: Insistent;
  /** By key and user. */
  readonly identityLimiter: RateLimiter | undefined;
  readonly hasSwaggerUi: boolean;
  readonly answers: AnswerCache;
}

const liveServerOf =
  (shared: SharedHttp) =>
  (
    deps: ApiGatewayDeps,
    { api }: ApiGatewayOptions,
    queries: PoolQueries,
    status: StatusReader,
    authenticator: Authenticator,
  ): LiveServer =>
    createLive(
      {
        stream: deps.live ?? createLiveStream(),
        blocksLog: deps.blocksLog,
        queries,
        status,
        identify: (asked) => authenticator.find(asked),
        trust: trustOf(api.trustedProxies),
        rateLimiter: shared.rateLimiter,
        metrics: shared.metrics,
        clock: deps.clock,
        logger: deps.logger,
      },
      api.live,
    );

const accessProvidersOf = (
  deps: ApiGatewayDeps,
  options: ApiGatewayOptions,
  { metrics, identityLimiter }: SharedHttp,
): Provider[] => {
  const { audit, clock, counters } = deps;
  const queries = createAccessQueries(deps.queries);
  const limits: AccessLimits = createAccessLimits(counters);
  const noteRefused = createNoteRefused(audit, clock);
  const authenticator = new Authenticator({ queries, limits, noteRefused, clock }, options.api.auth);
  return [
    { provide: ACCESS_QUERIES, useValue: queries },
    { provide: ACCESS_LIMITS, useValue: limits },
    { provide: AUTHENTICATOR, useValue: authenticator },
    { provide: MANAGE, useFactory: () => createManage(queries, authenticator.identities) },
    {
      provide: SESSIONS,
      useFactory: () => new Sessions({ queries, authenticator, limits, noteRefused, metrics, clock }),
    },
    {
      provide: APP_GUARD,
      useFactory: () =>
        createAccessGuard({
          authenticate: (request) => authenticator.require(request),
          rateLimiter: identityLimiter,
          noteRefused,
        }),
    },
  ];
};

const providersOf = (deps: ApiGatewayDeps, options: ApiGatewayOptions, shared: SharedHttp): Provider[] => [
  { provide: API_DEPS, useValue: deps },
  { provide: API_OPTIONS, useValue: options },
  { provide: API_DOCUMENT, useValue: () => buildOpenApi(options.version, RESOURCES) },
  { provide: HAS_SWAGGER_UI, useValue: shared.hasSwaggerUi },
  { provide: ANSWERS, useValue: shared.answers },
  { provide: AUDITED, useFactory: () => createAudited(deps.audit, deps.clock) },
  { provide: OPERATOR_QUERIES, useFactory: () => createOperatorQueries(deps.queries) },
  {
    provide: KEPT_SOURCE,
    inject: [POOL_QUERIES],
    useFactory: (queries: PoolQueries) =>
      new KeptSource(shared.answers, new MiningcoreSource(queries, deps.clock)),
  },
  { provide: POOL_QUERIES, useFactory: () => createPoolQueries(deps.queries) },
  {
    provide: STATUS_READER,
    inject: [POOL_QUERIES],
    useFactory: (queries: PoolQueries) =>
      createStatusReader({ queries, clock: deps.clock, logger: deps.logger }, options.version),
  },
  {
    provide: LIVE_SERVER,
    inject: [API_DEPS, API_OPTIONS, POOL_QUERIES, STATUS_READER, AUTHENTICATOR],
    useFactory: liveServerOf(shared),
  },
  ...accessProvidersOf(deps, options, shared),
  { provide: APP_FILTER, useFactory: () => createProblemFilter(deps.logger) },
];

/** Every route with logic; what is not here is not served. */
export const CONTROLLERS: readonly Type[] = [
  ...RESOURCES.map(({ controller }) => controller),
  DocsController,
];

@Module({})
export class ApiGatewayModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #host: HttpAdapterHost;
  readonly #live: LiveServer;

  constructor(@Inject(HttpAdapterHost) host: HttpAdapterHost, @Inject(LIVE_SERVER) live: LiveServer) {
    this.#host = host;
    this.#live = live;
  }

  static register(deps: ApiGatewayDeps, options: ApiGatewayOptions, shared: SharedHttp): DynamicModule {
    return {
      module: ApiGatewayModule,
      controllers: [...CONTROLLERS],
      providers: providersOf(deps, options, shared),
    };
  }

  onApplicationBootstrap(): void {
    this.#live.attach(this.#host.httpAdapter.getHttpServer());
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#live.stop();
  }
}
