/** The gateways of a fleet as one: each miner is at one of them, so numbers add up. */
import type { GatewayStatus } from '@otedama/contracts';

type PoolStatus = GatewayStatus['pools'][number];

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

const sumCounts = (counts: readonly Readonly<Record<string, number>>[]): Record<string, number> => {
  const total: Record<string, number> = {};
  for (const [name, count] of counts.flatMap((one) => Object.entries(one))) {
    total[name] = (total[name] ?? 0) + count;
  }
  return total;
};

const sumPool = (poolId: string, parts: readonly PoolStatus[]): PoolStatus => {
  const heights = parts.map(({ jobHeight }) => jobHeight).filter((height) => height !== undefined);
  // One gateway that has work is enough for the pool to be mined.
  const reasons = parts.map(({ stoppedReason }) => stoppedReason);
  const [stoppedReason] = reasons.includes(undefined) ? [] : reasons;
  return {
    poolId,
    sessions: sum(parts.map(({ sessions }) => sessions)),
    workers: sum(parts.map(({ workers }) => workers)),
    ...(heights.length === 0 ? {} : { jobHeight: Math.max(...heights) }),
    ...(stoppedReason === undefined ? {} : { stoppedReason }),
    rejectedByReason: sumCounts(parts.map(({ rejectedByReason }) => rejectedByReason)),
  };
};

export const sumGateways = (all: readonly GatewayStatus[]): GatewayStatus => {
  const pools = Map.groupBy(
    all.flatMap((one) => one.pools),
    ({ poolId }) => poolId,
  );
  const gateways = all
    .flatMap(({ instance, sessions }) => (instance === undefined ? [] : [{ instance, sessions }]))
    .toSorted((a, b) => a.instance.localeCompare(b.instance));
  const listen = Map.groupBy(
    all.flatMap((one) => one.listen),
    ({ poolId, address }) => `${poolId} ${address}`,
  );
  return {
    ...(gateways.length === 0 ? {} : { gateways }),
    listen: [...listen.values()].flatMap(([first]) => (first === undefined ? [] : [first])),
    sessions: sum(all.map(({ sessions }) => sessions)),
    pools: [...pools].map(([poolId, parts]) => sumPool(poolId, parts)),
  };
};
