/** The service: a listener for each pool, one space of extranonces for all of the same length. */
import type { PoolConfig, StratumConfig } from '@otedama/config';
import type { Clock, GatewayStatus, Logger, ShareValidation, TemplateBus } from '@otedama/contracts';
import type { Registry } from 'prom-client';
import type { CreateBlobTemplate } from './blobs.ts';
import { Crowd } from './crowd.ts';
import { Leases } from './leases.ts';
import { type GatewayLimits, LIMITS } from './limits.ts';
import { createGatewayMetrics } from './metrics.ts';
import { PoolGateway } from './pool-gateway.ts';

export interface GatewayDeps {
  readonly validation: ShareValidation;
  readonly templates: TemplateBus;
  readonly createBlobTemplate: CreateBlobTemplate;
  readonly clock: Clock;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly registry: Registry;
  readonly logger: Logger;
}

export interface GatewayOptions {
  readonly pools: readonly PoolConfig[];
  readonly stratum: StratumConfig;
  readonly serverVersion: string;
  /** First byte of every extranonce1; another one for each gateway of a fleet. */
  readonly extranoncePrefix: number;
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

export const createGateway = (deps: GatewayDeps, options: GatewayOptions): StratumGateway => {
  const metrics = createGatewayMetrics(deps.registry);
  const { stratum, serverVersion } = options;
  const limits = { ...LIMITS, ...options.limits };
  const spaces = new Map<number, Leases>();
  const leasesOf = (bytes: number): Leases => {
    const known = spaces.get(bytes);
    if (known !== undefined) return known;
    const { randomBytes } = deps;
    const fresh = new Leases({ prefix: options.extranoncePrefix, bytes, randomBytes, limits });
    spaces.set(bytes, fresh);
    return fresh;
  };
  const crowd = new Crowd(stratum);
  const gateways = options.pools.map((pool) => ({
    poolId: pool.id,
    gateway: new PoolGateway({ ...deps, leasesOf, crowd, metrics }, { pool, stratum, serverVersion, limits }),
  }));
  let listening: readonly ListeningPool[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(gateways.map(({ gateway }) => gateway.stop()));
  };
  return {
    async start() {
      const started = await Promise.allSettled(
        gateways.map(async ({ poolId, gateway }) => ({ poolId, ...(await gateway.start()) })),
      );
      const failure = started.find((outcome) => outcome.status === 'rejected');
      if (failure !== undefined) {
        await stop();
        throw failure.reason;
      }
      listening = started.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      return listening;
    },
    stop,
    status() {
      const pools = gateways.map(({ gateway }) => gateway.status());
      return {
        listen: listening.map(({ poolId, host, port }) => ({ poolId, address: `${host}:${port}` })),
        sessions: pools.reduce((sum, pool) => sum + pool.sessions, 0),
        pools,
      };
    },
  };
};
