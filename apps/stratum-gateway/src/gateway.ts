/** The service: a listener for each pool, the extranonces of one length shared by all of them. */
import type { ClientProxy } from '@nestjs/microservices';
import type { DefenceConfig, PoolConfig, StratumConfig } from '@otedama/config';
import type { Clock, GatewayStatus, Logger, ShareValidation, TemplateBus, Tracer } from '@otedama/contracts';
import type { BanList } from '@otedama/shared-state';
import { StreamPeers } from '@otedama/sockets';
import type { Registry } from 'prom-client';
import type { CreateBlobTemplate } from './blobs.ts';
import { createDefence } from './defence/defence.ts';
import { endpointsOf } from './endpoints.ts';
import { type PoolGauges, registerGauges, registerPoolGauges } from './gauges.ts';
import { LeaseSpaces, type SharedSessions, ownSessions } from './leases/lease-spaces.ts';
import type { Leases } from './leases/leases.ts';
import { type GatewayLimits, LIMITS } from './limits.ts';
import { createGatewayMetrics } from './metrics.ts';
import { PoolGateway } from './pool-gateway.ts';
import { ReadingQueue } from './reading-queue.ts';

export interface GatewayDeps {
  readonly validation: ShareValidation;
  readonly templates: TemplateBus;
  readonly createBlobTemplate: CreateBlobTemplate;
  readonly clock: Clock;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly registry: Registry;
  readonly logger: Logger;
  /** Absent: nothing is traced. */
  readonly tracer?: Tracer;
  /** Who is told of what miners wish about their payouts; absent: nobody. */
  readonly accounting?: Pick<ClientProxy, 'send'>;
  /** What gateways share with each other; absent: there is only this one. */
  readonly shared?: SharedSessions;
  /** Who is kept out; absent: whom this gateway bans itself. */
  readonly bans?: BanList;
}

export interface GatewayOptions {
  readonly pools: readonly PoolConfig[];
  readonly stratum: StratumConfig;
  readonly defence: DefenceConfig;
  readonly serverVersion: string;
  /** Its name among the gateways of a fleet. */
  readonly instance?: string;
  /** A gateway that stops sends its miners to the others, spread over at most so long; absent: there are none. */
  readonly moveMs?: number;
  readonly limits?: Partial<GatewayLimits>;
}

export interface ListeningPool {
  readonly poolId: string;
  readonly host: string;
  readonly port: number;
}

export interface StratumGateway {
  /** All pools listen, or none and it throws. */
  start(): Promise<readonly ListeningPool[]>;
  /** Answers what is in flight; the validator stops after this. */
  stop(): Promise<void>;
  status(): GatewayStatus;
}

const SWEEP_INTERVAL_MS = 10_000;

const monotonicMs = (): number => performance.now();

interface NamedGateway {
  readonly poolId: string;
  readonly gateway: PoolGateway;
}

/** Throws what the first that failed did, when all have tried. */
const startAll = async (gateways: readonly NamedGateway[]): Promise<readonly ListeningPool[]> => {
  const started = await Promise.allSettled(
    gateways.map(async ({ poolId, gateway }) => ({ poolId, ...(await gateway.start()) })),
  );
  return started.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
};

const gaugesOf = ({ gateway }: NamedGateway): PoolGauges => gateway.gauges();

const ticketGauges = ({ tickets }: SharedSessions, spaces: LeaseSpaces) => ({
  extranonceBlocks: () => spaces.blocks,
  isDegraded: () => tickets.state().state === 'degraded',
  tickets: () => tickets.size,
  ticketsDropped: () => tickets.dropped,
});

export const createGateway = (deps: GatewayDeps, options: GatewayOptions): StratumGateway => {
  const metrics = createGatewayMetrics(deps.registry);
  const { stratum, defence, serverVersion } = options;
  const limits = { ...LIMITS, ...options.limits };
  const leaseDeps = { ...deps, monotonicMs };
  const shared = deps.shared ?? ownSessions(leaseDeps, limits);
  const spaces = new LeaseSpaces({ ...leaseDeps, ...shared }, limits);
  const leasesOf = (bytes: number): Leases => spaces.of(bytes);
  const guard = createDefence({ ...deps, metrics, monotonicMs }, { ...options, limits });
  const { room, door, memory, referee } = guard;
  const peers = new StreamPeers();
  const readingQueue = new ReadingQueue(monotonicMs);
  const readLater = (): number => readingQueue.size;
  registerGauges(deps.registry, { ...guard.gauges, ...ticketGauges(shared, spaces), readLater });
  const gateways = options.pools.map((pool) => ({
    poolId: pool.id,
    gateway: new PoolGateway(
      { ...deps, leasesOf, peers, room, door, memory, readingQueue, referee, metrics, monotonicMs },
      { pool, stratum, defence, serverVersion, limits },
    ),
  }));
  registerPoolGauges(deps.registry, gateways.map(gaugesOf));
  const lost = shared.tickets.onLost(({ poolId, sessionId }) =>
    gateways.find((one) => one.poolId === poolId)?.gateway.lose(sessionId),
  );
  let sweeper: NodeJS.Timeout | undefined;
  let listening: readonly ListeningPool[] = [];
  const stop = async (moveMs: number): Promise<void> => {
    await Promise.all(gateways.map(({ gateway }) => gateway.stop(moveMs)));
    clearInterval(sweeper);
    guard.stop();
    lost.unsubscribe();
  };
  return {
    async start() {
      try {
        listening = await startAll(gateways);
      } catch (error) {
        await stop(0);
        throw error;
      }
      sweeper = setInterval(() => spaces.sweep(), SWEEP_INTERVAL_MS);
      guard.start();
      return listening;
    },
    stop: () => stop(options.moveMs ?? 0),
    status() {
      const pools = gateways.map(({ gateway }) => gateway.status());
      return {
        ...(options.instance === undefined ? {} : { instance: options.instance }),
        listen: endpointsOf(options.pools, stratum, listening),
        sessions: pools.reduce((sum, pool) => sum + pool.sessions, 0),
        pools,
      };
    },
  };
};
