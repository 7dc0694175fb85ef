/** Gauges with one figure a pool, read when somebody asks. */
import type { Gauge } from 'prom-client';

export type PoolGauge = Gauge<'pool'>;

/** Pools for which there is no figure at the moment have no series. */
export const readPools = <Pool extends { readonly poolId: string }>(
  gauge: PoolGauge,
  pools: readonly Pool[],
  read: (pool: Pool) => number | undefined,
): void => {
  gauge.reset();
  for (const pool of pools) {
    const value = read(pool);
    if (value !== undefined) gauge.set({ pool: pool.poolId }, value);
  }
};
