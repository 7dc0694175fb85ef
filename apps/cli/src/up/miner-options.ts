/** What our own devices mine on: the configured pools of others, or the pool of this process over loopback. */
import type { MinerAgentOptions } from '@otedama/app-miner-agent';
import type { ListeningPool } from '@otedama/app-stratum-gateway';
import type { Config, UpstreamPool } from '@otedama/config';
import { VERSION } from '@otedama/observability/version';

const WORKER = 'cpu';

const ownUpstreams = (
  config: Config,
  listening: readonly ListeningPool[],
  address: string | undefined,
): UpstreamPool[] => {
  const pool = config.pools.find(({ coin }) => coin.algorithm === config.mining.algorithm);
  const listener = listening.find(({ poolId }) => poolId === pool?.id);
  if (pool === undefined || listener === undefined) return [];
  const host = listener.host === '0.0.0.0' || listener.host === '::' ? '127.0.0.1' : listener.host;
  const scheme = pool.stratum.tls === undefined ? 'stratum+tcp' : 'stratum+ssl';
  const url = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${listener.port}`;
  return [{ url, user: `${address ?? pool.payoutAddress}.${WORKER}`, password: 'x' }];
};

export const minerAgentOptions = (
  config: Config,
  listening: readonly ListeningPool[],
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
