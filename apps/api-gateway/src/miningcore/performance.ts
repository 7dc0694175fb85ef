/** A pool over time, as Miningcore charts it. */
import type { PoolHistory, PoolSummary } from '@otedama/contracts';

import { timeOf } from './pool-info.ts';
import type { Performance } from './shapes.ts';
import { factsOf, networkDifficulty, networkHashrate } from './units.ts';

/** Who mines now counts for the running step; else what the nearest sample before says, or the first after. */
const filled = (history: PoolHistory, { miners: now, workers: nowAtWork }: PoolSummary): PoolHistory => {
  let known = history.find(({ networkWork }) => networkWork !== undefined);
  return history.map((point, index) => {
    if (index === history.length - 1) {
      const networkWork = point.networkWork ?? known?.networkWork;
      return { ...point, miners: now, workers: nowAtWork, networkWork };
    }
    if (point.networkWork !== undefined) known = point;
    const { miners, workers, networkWork } = known ?? {};
    return { ...point, miners: point.miners ?? miners, workers: point.workers ?? workers, networkWork };
  });
};

export const toPerformance = (
  pool: PoolSummary,
  history: PoolHistory,
  stepMs: number,
  nowMs: number,
): Performance => {
  const coin = factsOf(pool.coin, pool.network, pool.algorithm);
  return {
    stats: filled(history, pool).map(
      ({ atMs, hashrateHs, shares, miners = 0, workers = 0, networkWork = '0' }) => ({
        poolHashrate: hashrateHs,
        connectedMiners: miners,
        connectedWorkers: workers,
        validSharesPerSecond: Math.round(shares / Math.max(1, Math.min(stepMs, nowMs - atMs) / 1_000)),
        networkHashrate: networkHashrate(Number(networkWork), coin),
        networkDifficulty: networkDifficulty(Number(networkWork), pool.algorithm),
        created: timeOf(atMs),
      }),
    ),
  };
};
