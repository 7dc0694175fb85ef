/** Rounds with their effort and luck. */
import type { PoolConfig } from '@otedama/config';
import type { Round, RoundRequest, RoundsRequest } from '@otedama/contracts';
import type { Ledger, RoundReport } from '@otedama/ledger';
import { type Pools, finderOf, shown } from '../units.ts';

export interface RoundQueries {
  rounds(request: RoundsRequest): Promise<Round[]>;
  /** The one under way, or nothing where there is no such pool. */
  round(request: RoundRequest): Promise<Round[]>;
}

/** Both are absent where the network's work is not known, and luck for a round without work. */
const chances = (work: bigint, networkWork: bigint): Pick<Round, 'effort' | 'luckPercent'> => {
  if (networkWork === 0n) return {};
  const effort = Number(work) / Number(networkWork);
  return work === 0n ? { effort } : { effort, luckPercent: 100 / effort };
};

const roundOf = (report: RoundReport): Round => ({
  poolId: report.poolId,
  coin: report.coin,
  ...(report.startedAtMs === undefined ? {} : { startedAtMs: report.startedAtMs }),
  endedAtMs: report.endedAtMs,
  work: report.work.toString(),
  networkWork: report.networkWork.toString(),
  ...chances(report.work, report.networkWork),
  block: {
    height: report.height,
    hash: report.hash,
    state: report.state,
    finder: finderOf(report.finderAddress, report.finderWorker),
  },
});

export const createRoundQueries = (
  { ledger }: { readonly ledger: Pick<Ledger, 'rounds' | 'openRound'> },
  configs: readonly PoolConfig[],
): RoundQueries => {
  const pools: Pools = new Map(configs.map((config) => [config.id, config]));
  return {
    async rounds({ poolId, coin, limit, offset }) {
      const rounds = await ledger.rounds({ pools: shown(pools, poolId), coin }, { limit, offset });
      return rounds.map(roundOf);
    },
    async round({ poolId }) {
      const coin = pools.get(poolId)?.coin.id;
      const open = coin === undefined ? undefined : await ledger.openRound(poolId, coin);
      if (coin === undefined || open === undefined) return [];
      const { startedAtMs, work } = open;
      return [{ poolId, coin, ...(startedAtMs === undefined ? {} : { startedAtMs }), work: work.toString() }];
    },
  };
};
