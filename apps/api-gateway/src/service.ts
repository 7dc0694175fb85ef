/** The API as a service of the fleet. It listens before there is a connection to NATS, and says what is missing. */
import { randomUUID } from 'node:crypto';
import {
  type ClosableAuditTrail,
  type GatherOptions,
  type Gathered,
  NoRespondersError,
  createAuditTrail,
} from '@otedama/bus';
import { NatsClient, createJetStreamLog, createNatsLiveStream } from '@otedama/bus/nats';
import { showConfig } from '@otedama/config';
import {
  AUDIT_LOG,
  type AuditEvent,
  type AuditTrail,
  AuditUnavailableError,
  BLOCKS_LOG,
} from '@otedama/contracts';
import { VERSION } from '@otedama/observability/version';
import { type ServiceHost, programPaths } from '@otedama/service-host';
import { type BanList, MemoryCounters, type RateCounters } from '@otedama/shared-state';
import { Pace } from '@otedama/sockets';
import { throwError } from 'rxjs';
import { createApiGateway } from './api-gateway.ts';
import { LateBlocks, LateLive } from './live/late.ts';
import { EXPLANATION_TIMEOUT_MS } from './limits.ts';
import { type QueryTransport, createQueryClient } from './query/query-client.ts';

/** Without a connection nobody answers, and that is known at once. */
class LateTransport implements QueryTransport {
  #transport: QueryTransport | undefined;

  connect(transport: QueryTransport): void {
    this.#transport = transport;
  }

  send<Result, Input>(pattern: string, data: Input) {
    const transport = this.#transport;
    if (transport !== undefined) return transport.send<Result, Input>(pattern, data);
    return throwError(() => new NoRespondersError(pattern));
  }

  gather<Value>(subject: string, data: unknown, options?: GatherOptions): Promise<Gathered<Value>> {
    const nobody = { values: [], failures: [] };
    return this.#transport?.gather<Value>(subject, data, options) ?? Promise.resolve(nobody);
  }
}

/** Before there is a log nothing can be changed. */
class LateTrail implements AuditTrail {
  #trail: ClosableAuditTrail | undefined;

  connect(trail: ClosableAuditTrail): void {
    this.#trail = trail;
  }

  async record(event: AuditEvent): Promise<void> {
    if (this.#trail === undefined) throw new AuditUnavailableError('there is no connection to the audit log');
    await this.#trail.record(event);
  }
}

/** Budgets, and bans of the ports for miners, shared with the other processes where there is a Redis. */
const openShared = async ({
  config,
  instance,
  logger,
  health,
  onStop,
}: ServiceHost): Promise<{ counters: RateCounters; bans?: BanList }> => {
  const url = config.redis.url?.reveal();
  if (url === undefined) return { counters: new MemoryCounters({ monotonicMs: () => performance.now() }) };
  // Its client is large; without a Redis nobody loads it.
  const { createRedisBans, createRedisCounters, openRedis } = await import('@otedama/shared-state/redis');
  const link = openRedis({ url, name: `${instance}-${randomUUID()}` }, logger);
  onStop('redis', async () => link.close());
  health.add('redis', () => link.state());
  const counters = createRedisCounters(link);
  onStop('counters', () => counters.close());
  const bans = createRedisBans(link, Date.now);
  onStop('bans', () => bans.close());
  return { counters, bans };
};

export const startApiService = async (host: ServiceHost): Promise<void> => {
  const { config, logger, registry, health } = host;
  const transport = new LateTransport();
  const blocksLog = new LateBlocks();
  const live = new LateLive();
  const audit = new LateTrail();
  const shared = await openShared(host);
  const paths = programPaths();
  const api = await createApiGateway(
    {
      queries: createQueryClient(transport),
      logger,
      clock: Date.now,
      registry,
      health,
      blocksLog,
      live,
      audit,
      // Nobody else has work here that would have to wait.
      pace: new Pace({ share: 1 }),
      ...shared,
    },
    {
      version: VERSION,
      api: config.api,
      monitoring: config.monitoring,
      settings: showConfig(config),
      dashboardDir: paths.dashboard,
      swaggerUiDir: paths.swaggerUi,
    },
  );
  const { host: address, port } = await api.start();
  host.onStop('api', () => api.stop());
  logger.info({ address, port }, 'listening');

  const link = await host.nats();
  const client = new NatsClient(link, { timeoutMs: EXPLANATION_TIMEOUT_MS, tracer: host.tracer });
  transport.connect(client);
  host.onStop('queries', async () => client.close());
  const blocks = createJetStreamLog({ link, logger }, { name: BLOCKS_LOG });
  blocksLog.open(blocks);
  host.onStop('block log', () => blocks.close());
  const stream = createNatsLiveStream({ link, logger });
  live.open(stream);
  host.onStop('live stream', () => stream.close());
  const auditLog = createJetStreamLog({ link, logger }, { name: AUDIT_LOG });
  host.showLog(AUDIT_LOG, () => auditLog.waiting);
  host.onStop('audit log', () => auditLog.close());
  const trail = createAuditTrail({ log: auditLog, logger });
  host.onStop('audit trail', () => trail.close());
  audit.connect(trail);
};
