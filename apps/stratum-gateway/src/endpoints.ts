/** How the miners of a pool reach it here, for whoever tells them. */
import type { ListenAddress, PoolConfig, StratumConfig } from '@otedama/config';
import type { GatewayStatus } from '@otedama/contracts';
import { vardiffDefaults } from './vardiff-defaults.ts';

type Endpoint = GatewayStatus['listen'][number];

const tlsOf = ({ tls, allowPlain }: PoolConfig['stratum']): Endpoint['tls'] => {
  if (tls === undefined) return 'none';
  return allowPlain ? 'optional' : 'required';
};

export const endpointsOf = (
  pools: readonly PoolConfig[],
  { vardiff }: Pick<StratumConfig, 'vardiff'>,
  listening: readonly (ListenAddress & { readonly poolId: string })[],
): Endpoint[] =>
  listening.flatMap(({ poolId, host, port }) => {
    const pool = pools.find(({ id }) => id === poolId);
    if (pool === undefined) return [];
    const { initialDifficulty, minimumDifficulty, maximumDifficulty } = vardiff ?? vardiffDefaults(pool.coin);
    return [
      {
        poolId,
        address: `${host.includes(':') ? `[${host}]` : host}:${port}`,
        tls: tlsOf(pool.stratum),
        initialDifficulty,
        minimumDifficulty,
        maximumDifficulty,
      },
    ];
  });
