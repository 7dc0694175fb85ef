/** Facts and history of a pool and its miners, and what they were paid: in the pool's own coin. */
import type { PoolConfig } from '@otedama/config';
import type {
  BalanceChanges,
  Clock,
  Found,
  FoundRequest,
  MinerFacts,
  MinerFactsRequest,
  MinerHistory,
  MinerHistoryRequest,
  MinerPageRequest,
  Paid,
  PaidDays,
  PaidRequest,
  PoolFacts,
  PoolFactsRequest,
  PoolHistory,
  PoolHistoryRequest,
} from '@otedama/contracts';
import type { FoundReport, HistoryPoint, Ledger, PoolSample, WorkerPoint } from '@otedama/ledger';

export interface PageQueries {
  /** Nothing where there is no such pool. */
  poolFacts(request: PoolFactsRequest): Promise<PoolFacts[]>;
  poolHistory(request: PoolHistoryRequest): Promise<PoolHistory>;
  minerHistory(request: MinerHistoryRequest): Promise<MinerHistory>;
  minerFacts(request: MinerFactsRequest): Promise<MinerFacts>;
  paid(request: PaidRequest): Promise<Paid>;
  paidDays(request: MinerPageRequest): Promise<PaidDays>;
  balanceChanges(request: MinerPageRequest): Promise<BalanceChanges>;
  found(request: FoundRequest): Promise<Found>;
}

export interface PageQueryDeps {
  readonly ledger: Pick<
    Ledger,
    | 'poolFacts'
    | 'hashrate'
    | 'samples'
    | 'minerHistory'
    | 'minerWorkSince'
    | 'openRound'
    | 'paid'
    | 'lastPaid'
    | 'inTransit'
    | 'paidDays'
    | 'balanceChanges'
    | 'found'
    | 'countFound'
  >;
  readonly clock: Clock;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** More than a chart can show. */
const MAX_POINTS = 1_000;

/** Whole minutes, from a whole multiple on; no more than a chart can show. */
const rangeOf = ({ windowMs, stepMs }: { windowMs: number; stepMs: number }, nowMs: number) => {
  const step = Math.ceil(Math.max(stepMs, windowMs / MAX_POINTS) / MINUTE_MS) * MINUTE_MS;
  return { fromMs: Math.ceil((nowMs - windowMs) / step) * step, stepMs: step };
};

const joined = (points: readonly HistoryPoint[], samples: readonly PoolSample[]): PoolHistory => {
  const byTime = new Map(samples.map((sample) => [sample.atMs, sample]));
  return points.map((point) => {
    const sample = byTime.get(point.atMs);
    if (sample === undefined) return point;
    const { miners, workers, networkWork } = sample;
    return Object.assign(
      { ...point, miners, workers },
      networkWork === undefined ? {} : { networkWork: networkWork.toString() },
    );
  });
};

const byTime = (points: readonly WorkerPoint[]): MinerHistory =>
  Array.from(
    Map.groupBy(points, ({ atMs }) => atMs),
    ([atMs, at]) => ({
      atMs,
      workers: at.map(({ worker, hashrateHs, sharesPerSecond }) => ({ worker, hashrateHs, sharesPerSecond })),
    }),
  );

/** Nobody knows an address of a pool that is not configured. */
const NO_FACTS: MinerFacts = {
  roundWork: '0',
  paidTodayAtomic: '0',
  inTransitAtomic: '0',
  blocksImmature: 0,
  blocksMatured: 0,
};

const minerFacts = async (
  { ledger, clock }: PageQueryDeps,
  coin: string | undefined,
  { poolId, address }: MinerFactsRequest,
): Promise<MinerFacts> => {
  if (coin === undefined) return NO_FACTS;
  const nowMs = clock();
  const todayMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const round = await ledger.openRound(poolId, coin);
  const [work, { last, sinceAtomic }, inTransit, blocks] = await Promise.all([
    ledger.minerWorkSince({ pool: poolId, address, sinceMs: round?.startedAtMs ?? 0 }, nowMs),
    ledger.lastPaid({ pool: poolId, coin, address }, todayMs),
    ledger.inTransit({ pool: poolId, coin, address }),
    ledger.countFound({ pool: poolId, coin, finder: address }),
  ]);
  return {
    roundWork: work.toString(),
    paidTodayAtomic: sinceAtomic.toString(),
    inTransitAtomic: inTransit.toString(),
    ...(last === undefined ? {} : { lastPayment: { atMs: last.atMs, txid: last.txid } }),
    blocksImmature: blocks.immature,
    blocksMatured: blocks.matured,
  };
};

/** Of the pool's own coin; nothing of a pool that is not configured. */
const createMoneyQueries = (
  { ledger }: PageQueryDeps,
  coinOf: ReadonlyMap<string, string>,
): Pick<PageQueries, 'paid' | 'paidDays' | 'balanceChanges'> => ({
  async paid({ poolId, address, limit, offset }) {
    const coin = coinOf.get(poolId);
    if (coin === undefined) return { total: 0, items: [] };
    const { total, items } = await ledger.paid({ pool: poolId, coin, address }, { limit, offset });
    return {
      total,
      items: items.map(({ amountAtomic, ...item }) =>
        Object.assign(item, { amountAtomic: amountAtomic.toString() }),
      ),
    };
  },
  async paidDays({ poolId, address, limit, offset }) {
    const coin = coinOf.get(poolId);
    if (coin === undefined) return { total: 0, items: [] };
    const { total, items } = await ledger.paidDays({ pool: poolId, coin, address }, { limit, offset });
    return {
      total,
      items: items.map(({ dayMs, amountAtomic }) => ({ dayMs, amountAtomic: amountAtomic.toString() })),
    };
  },
  async balanceChanges({ poolId, address, limit, offset }) {
    const coin = coinOf.get(poolId);
    if (coin === undefined) return { total: 0, items: [] };
    const filter = { pool: poolId, coin, address };
    const { total, items } = await ledger.balanceChanges(filter, { limit, offset });
    return {
      total,
      items: items.map(({ kind, atMs, amountAtomic, height }) => ({
        kind,
        atMs,
        amountAtomic: amountAtomic.toString(),
        ...(height === undefined ? {} : { height }),
      })),
    };
  },
});

const foundOf = (
  pools: ReadonlyMap<string, PoolConfig>,
  { pool, coin: _coin, state, rewardAtomic, networkWork, effort, ...block }: FoundReport,
): Found['items'] =>
  // The filter has asked for no others.
  state === 'rejected'
    ? []
    : [
        {
          ...block,
          poolId: pool,
          state,
          requiredConfirmations: pools.get(pool)?.coin.coinbaseMaturity ?? 0,
          rewardAtomic: rewardAtomic.toString(),
          networkWork: networkWork.toString(),
          ...(effort === undefined ? {} : { effort }),
        },
      ];

export const createPageQueries = (deps: PageQueryDeps, configs: readonly PoolConfig[]): PageQueries => {
  const { ledger, clock } = deps;
  const pools = new Map(configs.map((config) => [config.id, config]));
  const coinOf = new Map(configs.map(({ id, coin }) => [id, coin.id as string]));
  return {
    ...createMoneyQueries(deps, coinOf),
    minerFacts: (request) => minerFacts(deps, coinOf.get(request.poolId), request),
    async found({ poolId, finder, states, limit, offset }) {
      const wanted = configs.filter(({ id }) => poolId === undefined || id === poolId);
      const filter = { pools: wanted.map(({ id, coin }) => ({ pool: id, coin: coin.id })), finder, states };
      const { total, items } = await ledger.found(filter, { limit, offset });
      return { total, items: items.flatMap((block) => foundOf(pools, block)) };
    },
    async poolFacts({ poolId }) {
      const pool = pools.get(poolId);
      const facts = pool && (await ledger.poolFacts(poolId, pool.coin.id));
      if (pool === undefined || facts === undefined) return [];
      const { paidAtomic, lastBlockAtMs, lastRewardAtomic } = facts;
      return [
        {
          poolId,
          payoutAddress: pool.payoutAddress,
          paidAtomic: paidAtomic.toString(),
          ...(lastBlockAtMs === undefined ? {} : { lastBlockAtMs }),
          ...(lastRewardAtomic === undefined ? {} : { lastRewardAtomic: lastRewardAtomic.toString() }),
        },
      ];
    },
    async poolHistory({ poolId, ...wanted }) {
      if (!pools.has(poolId)) return [];
      const nowMs = clock();
      const range = { pool: poolId, ...rangeOf(wanted, nowMs) };
      const [points, samples] = await Promise.all([ledger.hashrate(range, nowMs), ledger.samples(range)]);
      return joined(points, samples);
    },
    async minerHistory({ poolId, address, ...wanted }) {
      if (!pools.has(poolId)) return [];
      const nowMs = clock();
      return byTime(await ledger.minerHistory({ pool: poolId, address, ...rangeOf(wanted, nowMs) }, nowMs));
    },
  };
};
