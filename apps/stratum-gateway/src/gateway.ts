/** The service: a listener for each pool, the extranonces of one length shared by all of them. */
import type { ClientProxy } from '@nestjs/microservices';
import type { DefenceConfig, PoolConfig, StratumConfig } from '@otedama/config';
import type { Clock, GatewayStatus, Logger, ShareValidation, TemplateBus, Tracer } from '@otedama/contracts';
import type { BanList } from '@otedama/shared-state';
import { Pace, Peers } from '@otedama/sockets';
import type { Registry } from 'prom-client';
import type { CreateBlobTemplate } from './blobs.ts';
import { createDefence } from './defence/defence.ts';
import { endpointsOf } from './endpoints.ts';
import { type PoolGauges, registerGauges, registerPoolGauges } from './gauges.ts';
import { LeaseSpaces, type SharedSessions, ownSessions } from './leases/lease-spaces.ts';
import { type GatewayLimits, LIMITS } from './limits.ts';
import { createGatewayMetrics } from './metrics.ts';
import { PoolGateway, type PoolGatewayDeps, type PoolGatewayOptions } from './pool-gateway.ts';
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
  /** What strangers have of the event loop, shared with who else is in the process; absent: nobody else is. */
  readonly pace?: Pace;
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

const openPools = (
  deps: PoolGatewayDeps,
  { pools, stratum, defence, serverVersion }: GatewayOptions,
  bounds: Pick<PoolGatewayOptions, 'limits' | 'maxWaiting'>,
): readonly NamedGateway[] =>
  pools.map((pool) => ({
    poolId: pool.id,
    gateway: new PoolGateway(deps, { pool, stratum, defence, serverVersion, ...bounds }),
  }));

const gaugesOf = ({ gateway }: NamedGateway): PoolGauges => gateway.gauges();

const statusOf = (
  gateways: readonly NamedGateway[],
  { instance, pools: configs, stratum }: GatewayOptions,
  listening: readonly ListeningPool[],
): GatewayStatus => {
  const pools = gateways.map(({ gateway }) => gateway.status());
  return {
    ...(instance === undefined ? {} : { instance }),
    listen: endpointsOf(configs, stratum, listening),
    sessions: pools.reduce((sum, pool) => sum + pool.sessions, 0),
    pools,
  };
};

const ticketGauges = ({ tickets }: SharedSessions, spaces: LeaseSpaces) => ({
  extranonceBlocks: () => spaces.blocks,
  isDegraded: () => tickets.state().state === 'degraded',
  tickets: () => tickets.size,
  ticketsDropped: () => tickets.dropped,
});

export const createGateway = (deps: GatewayDeps, options: GatewayOptions): StratumGateway => {
  const metrics = createGatewayMetrics(deps.registry);
  const limits = { ...LIMITS, ...options.limits };
  const leaseDeps = { ...deps, monotonicMs };
  const shared = deps.shared ?? ownSessions(leaseDeps, limits);
  const spaces = new LeaseSpaces({ ...leaseDeps, ...shared }, limits);
  const guard = createDefence({ ...deps, metrics, monotonicMs }, { ...options, limits });
  const peers = new Peers();
  const readingQueue = new ReadingQueue(monotonicMs);
  const pace = deps.pace ?? new Pace({ share: limits.strangersShare });
  const common = { peers, pace, readingQueue, metrics, monotonicMs };
  const gateways = openPools(
    { ...deps, ...guard, ...common, leasesOf: (bytes) => spaces.of(bytes) },
    options,
    { limits, maxWaiting: Math.ceil(guard.maxWaiting / options.pools.length) },
  );
  registerGauges(deps.registry, {
    ...guard.gauges,
    ...ticketGauges(shared, spaces),
    readLater: () => readingQueue.size,
    waiting: () => gateways.reduce((sum, { gateway }) => sum + gateway.waiting, 0),
  });
  registerPoolGauges(deps.registry, gateways.map(gaugesOf));
  const lost = shared.tickets.onLost(({ poolId, sessionId }) =>
    gateways.find((one) => one.poolId === poolId)?.gateway.lose(sessionId),
  );
  let sweeper: NodeJS.Timeout | undefined;
  let listening: readonly ListeningPool[] = [];
  const stop = async (moveMs: number): Promise<void> => {
    await Promise.all(gateways.map(({ gateway }) => gateway.stop(moveMs)));
    peers.close();
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
    status: () => statusOf(gateways, options, listening),
  };
};
