/** The real module on a real socket, with everything around it faked. For tests only. */
import {
  type AuditEvent,
  AuditUnavailableError,
  type BlockEvent,
  type LiveStream,
  type LogEntry,
  encodeBlockEvent,
  silentLogger,
} from '@otedama/contracts';
import { type HealthSource, createHealth } from '@otedama/observability';
import { type BanList, MemoryBans, MemoryCounters } from '@otedama/shared-state';
import { Pace } from '@otedama/sockets';
import { Registry } from 'prom-client';

import { type ApiGateway, createApiGateway } from '../api-gateway.ts';
import type { ApiGatewayOptions } from '../options.ts';
import { type FakeQueryClient, NOW_MS, createFakeQueryClient } from './fixtures.ts';

export interface TestGateway {
  readonly gateway: ApiGateway;
  readonly url: string;
  readonly port: number;
  readonly queries: FakeQueryClient;
  readonly registry: Registry;
  readonly time: { nowMs: number };
  readonly health: { isReady: boolean };
  /** What the audit log was told; `isAway`: it takes nothing. */
  readonly audit: { isAway: boolean; readonly events: AuditEvent[] };
  /** Appends a block to the log. */
  find(block: BlockEvent): void;
  /** Says that something was appended. */
  wake(): void;
  stop(): Promise<void>;
}

type Overrides = Partial<Omit<ApiGatewayOptions, 'api'>> & {
  readonly api?: Partial<ApiGatewayOptions['api']>;
  readonly live?: LiveStream;
  /** null: gateways do not share any. */
  readonly bans?: BanList | null;
};

export const secret = (text: string) => ({ reveal: () => text });

const defaultOptions: ApiGatewayOptions = {
  version: '1.2.3',
  api: {
    enabled: true,
    listen: { host: '127.0.0.1', port: 0 },
    tls: undefined,
    auth: { enabled: false, tokenExpiryMs: 0, apiKey: undefined },
    trustedProxies: [],
    corsOrigins: [],
    rateLimitPerSecond: 0,
    live: { maxClients: 64, maxClientsPerAddress: 32 },
  },
  monitoring: {
    metrics: { enabled: true, listen: undefined },
    health: { enabled: true, listen: undefined },
  },
  settings: { app: { name: 'otedama' } },
};

/** The real registry of health, with one part that tests can break. */
function healthOf(state: { isReady: boolean }): HealthSource {
  const health = createHealth();
  health.add('database', () => (state.isReady ? { state: 'up' } : { state: 'down', reason: 'gone' }));
  health.started();
  return health;
}

export async function startGateway(overrides: Overrides = {}): Promise<TestGateway> {
  const queries = createFakeQueryClient();
  const registry = new Registry();
  const time = { nowMs: NOW_MS };
  const health = { isReady: true };
  const audit: TestGateway['audit'] = { isAway: false, events: [] };
  const wakers = new Set<() => void>();
  const wake = (): void => wakers.forEach((each) => each());
  const found: LogEntry[] = [];
  const times = { clock: () => time.nowMs, monotonicMs: () => time.nowMs };
  const gateway = await createApiGateway(
    {
      queries,
      registry,
      logger: silentLogger,
      clock: () => time.nowMs,
      health: healthOf(health),
      counters: new MemoryCounters({ monotonicMs: () => time.nowMs }),
      pace: new Pace({ share: 1 }),
      audit: {
        async record(event) {
          if (audit.isAway) throw new AuditUnavailableError('the audit log takes nothing');
          audit.events.push(event);
        },
      },
      ...(overrides.bans === null ? {} : { bans: overrides.bans ?? new MemoryBans(times) }),
      ...(overrides.live === undefined ? {} : { live: overrides.live }),
      blocksLog: {
        newest: async () => BigInt(found.length),
        read: async (after) => found.filter(({ sequence }) => sequence > after),
        onAppend(wake) {
          wakers.add(wake);
          return { unsubscribe: () => void wakers.delete(wake) };
        },
      },
    },
    { ...defaultOptions, ...overrides, api: { ...defaultOptions.api, ...overrides.api } },
  );
  const { host, port } = await gateway.start();
  const scheme = overrides.api?.tls === undefined ? 'http' : 'https';
  return {
    gateway,
    url: `${scheme}://${host}:${port}`,
    port,
    queries,
    registry,
    time,
    health,
    audit,
    wake,
    find(block) {
      found.push({ sequence: BigInt(found.length + 1), payload: encodeBlockEvent(block) });
      wake();
    },
    stop: () => gateway.stop(),
  };
}
