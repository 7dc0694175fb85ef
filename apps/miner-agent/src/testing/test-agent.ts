/** An agent for tests: a device that hashes when told, time that stands still, real sockets. */
import { silentLogger } from '@otedama/contracts';
import { hash, hashBlob, hashSeal } from '@otedama/native';
import { Registry } from 'prom-client';
import type { MinerAgentDeps } from '../agent.ts';
import { createAgentMetrics } from '../metrics.ts';
import { createDial } from '../pool/endpoint.ts';
import { FakeDevice } from './fake-device.ts';
import type { FakePool } from './fake-pool.ts';
import { ManualTime } from './manual-time.ts';

export const createDeps = (overrides: Partial<MinerAgentDeps> = {}) => {
  const device = new FakeDevice();
  const time = new ManualTime();
  const registry = new Registry();
  const deps: MinerAgentDeps = {
    openDevices: (onShare) => {
      device.onShare = onShare;
      return [device];
    },
    dial: createDial(),
    hashes: { header: hash, seal: hashSeal, blob: hashBlob },
    clock: () => time.now,
    timers: time,
    random: () => 0.5,
    logger: silentLogger,
    metrics: createAgentMetrics(registry),
    ...overrides,
  };
  return { deps, device, time, registry };
};

export const urlOf = ({ port }: FakePool): string => `stratum+tcp://127.0.0.1:${port}`;

/** What became of the shares, by the agent's own counters. */
export const fates = async (registry: Registry): Promise<Record<string, number>> => {
  const metric = registry.getSingleMetric('otedama_agent_shares_total');
  const { values } = (await metric?.get()) ?? { values: [] };
  return Object.fromEntries(values.map(({ labels, value }) => [String(labels['fate']), value]));
};

export const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
};

/** Until the agent has counted a share so. */
export const untilFate = async (registry: Registry, fate: string): Promise<void> => {
  while ((await fates(registry))[fate] === undefined) await new Promise((resolve) => setImmediate(resolve));
};
