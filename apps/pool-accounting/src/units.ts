/** The unit of a coin's amounts. */
import type { Coin } from '@otedama/chain-params';
import type { PoolConfig } from '@otedama/config';

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
