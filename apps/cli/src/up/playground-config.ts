/** Fills in what a playground configuration leaves open: the addresses of its own keys and its own daemon. */
import type { Config, DaemonConfig, PoolConfig } from '@otedama/config';
import type { PlaygroundAddresses } from './keys.ts';

export const withPlayground = (
  config: Config,
  addresses: PlaygroundAddresses,
  daemon: DaemonConfig,
): Config => {
  const pools = config.pools.map((pool): PoolConfig => ({
    ...pool,
    payoutAddress: addresses.pool,
    daemons: [daemon],
  }));
  return { ...config, pools };
};
