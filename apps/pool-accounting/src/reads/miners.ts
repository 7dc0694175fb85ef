/** Miners: in a row, and one with its balances and hash rate. */
import type { PoolConfig } from '@otedama/config';
import {
  type Clock,
  type Hashrate,
  type HashrateRequest,
  MAX_HASHRATE_POINTS,
  type Miner,
  type MinerRequest,
  type MinerSummary,
  type MinersRequest,
} from '@otedama/contracts';
import type { Ledger, MinerBalance, MinerReport } from '@otedama/ledger';
import { type Pools, payoutsOf, shown, unitOf } from '../units.ts';

export interface MinerQueries {
  /** Those at work. */
  miners(request: MinersRequest): Promise<MinerSummary[]>;
  /** Nothing where no pool has ever heard of the address. */
  miner(request: MinerRequest): Promise<Miner[]>;
  hashrate(request: HashrateRequest): Promise<Hashrate>;
}

export interface MinerQueryDeps {
  readonly ledger: Pick<Ledger, 'miners' | 'miner' | 'minerBalances' | 'hashrate'>;
  readonly clock: Clock;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** As many as a chart is wide; whoever wants more asks for a step. */
const USUAL_POINTS = 240;

const summaryOf = ({ accepted, rejected, lastShareAtMs, ...report }: MinerReport): MinerSummary =>
  Object.assign(report, {
    shares: { accepted, rejected },
    ...(lastShareAtMs === undefined ? {} : { lastShareAtMs }),
  });

const minimumOf = (pools: Pools, { poolId, coin, wish }: MinerBalance) => {
  const minimumAtomic = payoutsOf(pools, poolId, coin)?.minimumAtomic;
  if (minimumAtomic === undefined) return {};
  return {
    payoutMinimumAtomic: (wish?.minimumAtomic ?? minimumAtomic).toString(),
    payoutMinimumBy: wish?.by ?? ('pool' as const),
  };
};

const balanceOf = (pools: Pools, balance: MinerBalance): Miner['balances'][number] => ({
  poolId: balance.poolId,
  ...unitOf(pools, balance.poolId, balance.coin),
  immatureAtomic: balance.immatureAtomic.toString(),
  maturedAtomic: balance.maturedAtomic.toString(),
  payingAtomic: balance.payingAtomic.toString(),
  paidAtomic: balance.paidAtomic.toString(),
  ...minimumOf(pools, balance),
});

/** Whole minutes, of a miner beyond the last hour whole hours, and no more steps than a chart can show. */
const stepOf = ({ address, windowMs, stepMs }: HashrateRequest): number => {
  const unitMs = address === undefined || windowMs <= HOUR_MS ? MINUTE_MS : HOUR_MS;
  const wanted = stepMs ?? windowMs / USUAL_POINTS;
  const least = windowMs / MAX_HASHRATE_POINTS;
  return Math.max(1, Math.ceil(Math.max(wanted, least) / unitMs)) * unitMs;
};

export const createMinerQueries = (
  { ledger, clock }: MinerQueryDeps,
  configs: readonly PoolConfig[],
): MinerQueries => {
  const pools: Pools = new Map(configs.map((config) => [config.id, config]));
  return {
    async miners({ poolId, sort, limit, offset }) {
      const order = { pools: shown(pools, poolId), sort };
      return (await ledger.miners(order, { limit, offset }, clock())).map(summaryOf);
    },
    async miner({ address }) {
      const atMs = clock();
      const known = shown(pools, undefined);
      const [reports, balances] = await Promise.all([
        ledger.miner(known, address, atMs),
        ledger.minerBalances(known, address),
      ]);
      if (reports.length === 0 && balances.length === 0) return [];
      return [
        {
          address,
          atMs,
          pools: reports.map(summaryOf),
          balances: balances.map((balance) => balanceOf(pools, balance)),
        },
      ];
    },
    async hashrate(request) {
      const { poolId, address, worker, windowMs } = request;
      const stepMs = stepOf(request);
      const nowMs = clock();
      const fromMs = Math.floor((nowMs - windowMs) / stepMs) * stepMs + stepMs;
      const points = pools.has(poolId)
        ? await ledger.hashrate({ pool: poolId, address, worker, fromMs, stepMs }, nowMs)
        : [];
      return { poolId, stepMs, points: [...points] };
    },
  };
};
