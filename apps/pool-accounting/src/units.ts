/** Facts of the configuration that answers carry: units of amounts, terms of payouts, which pools there are. */
import type { Coin } from '@otedama/chain-params';
import type { PayoutConfig, PoolConfig } from '@otedama/config';

export type Pools = ReadonlyMap<string, PoolConfig>;

/** What is known of a coin by its id: the pool's own or one mined below it. */
export const coinOf = (pools: Pools, poolId: string, id: string): Coin | undefined => {
  const pool = pools.get(poolId);
  if (pool?.coin.id === id) return pool.coin;
  return pool?.mergedChains.find(({ coin }) => coin.id === id)?.coin;
};

/** A chain that is configured no more keeps its books: its amounts are shown in atomic units. */
export const unitOf = (pools: Pools, poolId: string, id: string) => {
  const coin = coinOf(pools, poolId, id);
  return { coin: id, symbol: coin?.symbol ?? id, decimals: coin?.decimals ?? 0 };
};

/** Undefined where nobody is paid. */
export const payoutsOf = (pools: Pools, poolId: string, id: string): PayoutConfig | undefined => {
  const pool = pools.get(poolId);
  if (pool?.coin.id === id) return pool.payouts;
  return pool?.mergedChains.find(({ coin }) => coin.id === id)?.payouts;
};

/** Pools that are configured no more keep their books, but are not shown. */
export const shown = (pools: Pools, poolId: string | undefined): string[] =>
  poolId === undefined ? [...pools.keys()] : [poolId].filter((id) => pools.has(id));

export const finderOf = (address: string, worker: string): string =>
  worker === '' ? address : `${address}.${worker}`;
