/** A gateway on loopback with everything around it faked: validator, templates, clock, randomness. */
import { createHash } from 'node:crypto';
import type { ClientProxy } from '@nestjs/microservices';
import { findCoin } from '@otedama/chain-params';
import {
  DEFENCE_DEFAULTS,
  type DefenceConfig,
  type PoolConfig,
  type StratumConfig,
  type TlsConfig,
  type VardiffConfig,
} from '@otedama/config';
import { type BitcoinTemplate, type PoolTemplate, silentLogger, templateSubject } from '@otedama/contracts';
import type { BanList } from '@otedama/shared-state';
import { Registry } from 'prom-client';
import type { CreateBlobTemplate } from '../blobs.ts';
import { type StratumGateway, createGateway } from '../gateway.ts';
import type { SharedSessions } from '../leases/lease-spaces.ts';
import type { GatewayLimits } from '../limits.ts';
import { FakeValidation } from './fake-validation.ts';
import { MemoryTemplateBus } from './memory-bus.ts';
import { type MinerOptions, TestMiner } from './test-miner.ts';

export const POOL = 'btc-test';

const regtest = findCoin('bitcoin', 'regtest');

export const poolConfig = (over: Partial<PoolConfig> = {}, tls?: TlsConfig, port = 0): PoolConfig => {
  if (regtest === undefined) throw new Error('no regtest');
  return {
    id: POOL,
    coin: regtest,
    payoutAddress: '',
    scheme: 'pplns',
    window: { kind: 'work', networkBlocks: 2 },
    feeBasisPoints: 0,
    splits: [],
    bankroll: { ruinProbability: 0.001, floorAtomic: 0n },
    daemons: [],
    mergedChains: [],
    profiles: [],
    coinbaseTag: '',
    stratum: { listen: { host: '127.0.0.1', port }, tls, allowPlain: false },
    ...over,
  };
};

/** Never changes, so that nothing is sent unasked. */
export const FIXED: VardiffConfig = {
  initialDifficulty: 1,
  minimumDifficulty: 1,
  maximumDifficulty: 1,
  targetShareIntervalMs: 10_000,
  retargetIntervalMs: 30_000,
};

export const template = (over: Partial<BitcoinTemplate> = {}): BitcoinTemplate => ({
  family: 'bitcoin',
  poolId: POOL,
  jobKey: 0x1a,
  height: 100,
  prevHash: Uint8Array.from({ length: 32 }, (_, i) => i),
  version: 0x20000000,
  versionMask: 0x1fffe000,
  bits: 0x207fffff,
  networkTarget: 0x7fffffn << 232n,
  time: 1_700_000_000,
  minTime: 1_699_999_000,
  maxTime: 1_700_007_200,
  coinbasePrefix: Uint8Array.of(1, 2, 3),
  coinbaseSuffix: Uint8Array.of(4, 5, 6),
  extranonceSize: 8,
  merkleBranch: [new Uint8Array(32).fill(7)],
  cleanJobs: true,
  createdAtMs: 1_700_000_000_000,
  ...over,
});

/** The same bytes in every run, and never the same twice in one. */
export const seededBytes = (seed: number): ((size: number) => Uint8Array) => {
  let calls = 0;
  return (size) => createHash('sha256').update(`${seed}/${calls++}`).digest().subarray(0, size);
};

export interface TestGatewayOptions {
  readonly pools?: readonly PoolConfig[];
  readonly stratum?: Partial<StratumConfig>;
  readonly defence?: Partial<DefenceConfig>;
  readonly limits?: Partial<GatewayLimits>;
  readonly createBlobTemplate?: CreateBlobTemplate;
  readonly seed?: number;
  readonly accounting?: Pick<ClientProxy, 'send'>;
  readonly shared?: SharedSessions;
  readonly bans?: BanList;
  readonly moveMs?: number;
}

const noBlobs: CreateBlobTemplate = () => {
  throw new Error('no pool of this family here');
};

export class TestGateway {
  readonly validation = new FakeValidation();
  readonly bus = new MemoryTemplateBus();
  readonly registry = new Registry();
  readonly gateway: StratumGateway;
  readonly #miners: TestMiner[] = [];
  nowMs = 1_700_000_000_000;
  #ports = new Map<string, number>();

  constructor(options: TestGatewayOptions = {}) {
    this.gateway = createGateway(
      {
        validation: this.validation,
        templates: this.bus,
        createBlobTemplate: options.createBlobTemplate ?? noBlobs,
        clock: () => this.nowMs,
        randomBytes: seededBytes(options.seed ?? 1),
        registry: this.registry,
        logger: silentLogger,
        ...(options.shared === undefined ? {} : { shared: options.shared }),
        ...(options.bans === undefined ? {} : { bans: options.bans }),
        ...(options.accounting === undefined ? {} : { accounting: options.accounting }),
      },
      {
        pools: options.pools ?? [poolConfig()],
        stratum: {
          enabled: true,
          maxConnections: 100,
          maxWorkers: 100,
          reusePort: false,
          vardiff: FIXED,
          ...options.stratum,
        },
        defence: { ...DEFENCE_DEFAULTS, ...options.defence },
        serverVersion: 'otedama/test',
        ...(options.moveMs === undefined ? {} : { moveMs: options.moveMs }),
        // Retries come at once; whatever is to be waited for is real.
        limits: { retryFirstMs: 1, retryMaxMs: 1, tickMs: 5, drainDeadlineMs: 100, ...options.limits },
      },
    );
  }

  /** With a template from the first moment. */
  start(): Promise<this> {
    this.offer();
    return this.listen();
  }

  async listen(): Promise<this> {
    for (const { poolId, port } of await this.gateway.start()) this.#ports.set(poolId, port);
    return this;
  }

  portOf(poolId: string): number {
    return this.#ports.get(poolId) ?? 0;
  }

  offer(over: Partial<BitcoinTemplate> = {}): void {
    this.publish(template(over));
  }

  /** Of any family. */
  publish(next: PoolTemplate): void {
    this.bus.publish(templateSubject(next.poolId), next);
  }

  stopWork(reason: string): void {
    this.bus.publish(templateSubject(POOL), { poolId: POOL, stopped: true, reason });
  }

  connect(options: MinerOptions & { readonly poolId?: string } = {}): TestMiner {
    const miner = new TestMiner(this.portOf(options.poolId ?? POOL), options);
    this.#miners.push(miner);
    return miner;
  }

  /** One sample of a metric; 0 when there is none yet. */
  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const metrics = await this.registry.getMetricsAsJSON();
    const values = metrics.find((metric) => metric.name === `otedama_gateway_${name}`)?.values ?? [];
    const wanted = Object.entries({ pool: POOL, ...labels });
    const found = values.find(({ labels: has }) => wanted.every(([label, value]) => has[label] === value));
    return found?.value ?? 0;
  }

  /** One that stands for the whole process. */
  async gauge(name: string): Promise<number> {
    const metrics = await this.registry.getMetricsAsJSON();
    return metrics.find((metric) => metric.name === `otedama_gateway_${name}`)?.values[0]?.value ?? 0;
  }

  async close(): Promise<void> {
    for (const miner of this.#miners) miner.hangUp();
    await this.gateway.stop();
  }
}
