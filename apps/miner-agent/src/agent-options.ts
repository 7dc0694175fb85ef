/** What our own devices mine on: the configured pools of others, or our own pool on this machine. */
import type { Config, ListenAddress, PoolConfig, UpstreamPool } from '@otedama/config';
import { VERSION } from '@otedama/observability/version';
import type { MinerAgentOptions } from './agent.ts';
import type { CpuDeviceOptions } from './devices/cpu-device.ts';

/** Where a gateway takes miners of a pool. */
export interface PoolListener extends ListenAddress {
  readonly poolId: string;
}

const WORKER = 'cpu';

const urlOf = (pool: PoolConfig, listening: readonly PoolListener[]): string[] => {
  const listener = listening.find(({ poolId }) => poolId === pool.id);
  if (listener === undefined) return [];
  const host = listener.host === '0.0.0.0' || listener.host === '::' ? '127.0.0.1' : listener.host;
  const scheme = pool.stratum.tls === undefined ? 'stratum+tcp' : 'stratum+ssl';
  return [`${scheme}://${host.includes(':') ? `[${host}]` : host}:${listener.port}`];
};

const ownUpstreams = (
  config: Config,
  listening: readonly PoolListener[],
  address: string | undefined,
): UpstreamPool[] => {
  const { algorithm, gateways } = config.mining;
  const pool = config.pools.find(({ coin }) => coin.algorithm === algorithm);
  if (pool === undefined) return [];
  const urls = gateways.length > 0 ? gateways : urlOf(pool, listening);
  return urls.map((url) => ({ url, user: `${address ?? pool.payoutAddress}.${WORKER}`, password: 'x' }));
};

export const minerAgentOptions = (
  config: Config,
  listening: readonly PoolListener[],
  ownMiner: string | undefined,
): MinerAgentOptions => {
  const { enabled, algorithm, upstreams } = config.mining;
  const coin = config.pools.find((pool) => pool.coin.algorithm === algorithm)?.coin;
  return {
    enabled,
    algorithm,
    upstreams: upstreams.length > 0 ? upstreams : ownUpstreams(config, listening, ownMiner),
    agent: `otedama/${VERSION}`,
    versionMask: coin?.family === 'bitcoin' ? coin.versionRollingMask : 0,
  };
};

/** The processors, unless the configuration leaves no device at all. */
export const cpuOptions = ({ mining }: Config): CpuDeviceOptions | undefined =>
  mining.cpu.enabled || !mining.enabled
    ? {
        algorithm: mining.algorithm,
        threads: mining.cpu.threads,
        priority: mining.cpu.priority,
        datasetDirectory: mining.datasetDir,
      }
    : undefined;
