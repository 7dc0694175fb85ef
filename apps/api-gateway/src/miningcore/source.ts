/** What the answers are made of, put together out of the services' replies. */
import { findCoin, parseAddress } from '@otedama/chain-params';
import type { Clock, GatewayStatus, PoolSummary, Stats, ValidatorStatus } from '@otedama/contracts';

import type { PoolQueries } from '../query/pool-queries.ts';
import { withChainState } from '../status/collect-status.ts';
import { toBalanceChange, toDayEarnings, toFoundBlock, toPayment } from './lists.ts';
import { type MinerParts, toMinerStats, toSamples } from './miner-stats.ts';
import { type PageParams, noSuchPool, rangeOf } from './params.ts';
import { toPerformance } from './performance.ts';
import { rateOf, toPoolInfo } from './pool-info.ts';
import { coinsOf } from './amounts.ts';
import { Recent } from './recent.ts';
import type {
  BalanceChange,
  DayEarnings,
  FoundBlock,
  MinerStats,
  Performance,
  PoolInfo,
  Samples,
  SentPayment,
} from './shapes.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MONTH_MS = 30 * DAY_MS;
/** Configuration and totals that every answer needs. */
const POOLS_LIFE_MS = 5 * SECOND_MS;
const RATE_WINDOW_MS = 10 * MINUTE_MS;
const TOP_MINERS = 15;
const MAX_WORKERS = 200;

/** Windows of a miner's charts, and the step of each. */
const CHARTS = {
  hour: { windowMs: HOUR_MS, stepMs: 3 * MINUTE_MS },
  day: { windowMs: DAY_MS, stepMs: HOUR_MS },
  month: { windowMs: MONTH_MS, stepMs: DAY_MS },
} as const;
export type Chart = keyof typeof CHARTS;

const STATES = { pending: 'immature', confirmed: 'matured', orphaned: 'orphaned' } as const;
export type BlockStatus = keyof typeof STATES;

export interface Paged<Item> {
  readonly items: Item[];
  readonly total: number;
}

interface Pools {
  readonly summaries: readonly PoolSummary[];
  readonly validator: ValidatorStatus | undefined;
}

/** What only the pages of pools need. */
interface Surroundings {
  readonly gateway: GatewayStatus | undefined;
  readonly stats: Stats;
}

const sharesPerSecond = ({ pools, bucketMs }: Stats, poolId: string): number => {
  const points = pools.find((pool) => pool.poolId === poolId)?.points ?? [];
  const shares = points.reduce((sum, point) => sum + point.shares, 0);
  return points.length === 0 ? 0 : shares / ((points.length * bucketMs) / SECOND_MS);
};

const daemonsUp = (validator: ValidatorStatus | undefined, poolId: string): number =>
  validator?.pools.find((pool) => pool.poolId === poolId)?.daemons.filter(({ state }) => state === 'up')
    .length ?? 0;

const missing = (): undefined => undefined;

/** The books know one spelling of an address; what is none of the chain's is looked up as it is. */
const spelled = ({ coin: id, network }: PoolSummary, address: string): string => {
  const coin = findCoin(id, network);
  const parsed = coin && parseAddress(coin, address);
  return parsed?.ok === true ? parsed.canonical : address;
};

export class MiningcoreSource {
  readonly #queries: PoolQueries;
  readonly #clock: Clock;
  readonly #pools: Recent<Pools>;
  readonly #surroundings: Recent<Surroundings>;

  constructor(queries: PoolQueries, clock: Clock) {
    this.#queries = queries;
    this.#clock = clock;
    this.#pools = new Recent(() => this.#readPools(), clock, POOLS_LIFE_MS);
    this.#surroundings = new Recent(() => this.#readSurroundings(), clock, POOLS_LIFE_MS);
  }

  async pools(): Promise<PoolInfo[]> {
    const known = await this.#pools.get();
    return Promise.all(known.summaries.map((summary) => this.#info(known, summary)));
  }

  async pool(poolId: string): Promise<PoolInfo> {
    const known = await this.#pools.get();
    return this.#info(known, known.summaries.find(({ id }) => id === poolId) ?? noSuchPool());
  }

  async performance(poolId: string, range: 'day' | 'month', interval: 'hour' | 'day'): Promise<Performance> {
    const pool = await this.#summary(poolId);
    const windowMs = range === 'day' ? DAY_MS : MONTH_MS;
    const stepMs = interval === 'hour' ? HOUR_MS : DAY_MS;
    const history = await this.#queries.poolHistory({ poolId, windowMs, stepMs });
    return toPerformance(pool, history, stepMs, this.#clock());
  }

  async miners(poolId: string, page: PageParams) {
    await this.#summary(poolId);
    return (await this.#queries.miners({ poolId, sort: 'hashrate', ...rangeOf(page) })).map(rateOf);
  }

  async miner(poolId: string, given: string, chart: Chart): Promise<MinerStats> {
    const pool = await this.#summary(poolId);
    const address = spelled(pool, given);
    const [balance, facts, workers, samples] = await Promise.all([
      this.#balance(poolId, pool.coin, address),
      this.#queries.minerFacts({ poolId, address }),
      this.#queries.workers({ poolId, address, limit: MAX_WORKERS, offset: 0 }),
      this.#samples(poolId, address, chart),
    ]);
    return toMinerStats({ pool, balance, facts, workers, samples, nowMs: this.#clock() });
  }

  async minerPerformance(poolId: string, address: string, chart: Chart): Promise<Samples[]> {
    const pool = await this.#summary(poolId);
    return this.#samples(poolId, spelled(pool, address), chart);
  }

  /** Undefined for who has wished nothing. */
  async minerSettings(poolId: string, address: string) {
    const pool = await this.#summary(poolId);
    const balance = await this.#balance(poolId, pool.coin, spelled(pool, address));
    if (balance?.payoutMinimumAtomic === undefined || balance.payoutMinimumBy === 'pool') return undefined;
    return { paymentThreshold: coinsOf(balance.payoutMinimumAtomic, pool.decimals) };
  }

  async blocks(
    of: { readonly poolId?: string; readonly address?: string },
    page: PageParams,
    states: readonly BlockStatus[],
  ): Promise<Paged<FoundBlock>> {
    const pool = of.poolId === undefined ? undefined : await this.#summary(of.poolId);
    const { summaries } = await this.#pools.get();
    const { total, items } = await this.#queries.found({
      poolId: of.poolId,
      finder: of.address && pool && spelled(pool, of.address),
      states: states.map((state) => STATES[state]),
      ...rangeOf(page),
    });
    const blocks = items.flatMap((block) => {
      const own = summaries.find(({ id }) => id === block.poolId);
      return own === undefined ? [] : [toFoundBlock(own, block)];
    });
    return { items: blocks, total };
  }

  async payments(poolId: string, address: string | undefined, page: PageParams): Promise<Paged<SentPayment>> {
    const pool = await this.#summary(poolId);
    const { total, items } = await this.#queries.paid({
      poolId,
      address: address && spelled(pool, address),
      ...rangeOf(page),
    });
    return { items: items.map((payment) => toPayment(pool, payment)), total };
  }

  async dayEarnings(poolId: string, address: string, page: PageParams): Promise<Paged<DayEarnings>> {
    const pool = await this.#summary(poolId);
    const { total, items } = await this.#queries.paidDays({
      poolId,
      address: spelled(pool, address),
      ...rangeOf(page),
    });
    return { items: items.map((day) => toDayEarnings(pool, day)), total };
  }

  async balanceChanges(poolId: string, given: string, page: PageParams): Promise<Paged<BalanceChange>> {
    const pool = await this.#summary(poolId);
    const address = spelled(pool, given);
    const { total, items } = await this.#queries.balanceChanges({ poolId, address, ...rangeOf(page) });
    return { items: items.map((change) => toBalanceChange(pool, address, change)), total };
  }

  async #readPools(): Promise<Pools> {
    const [pools, validator] = await Promise.all([
      this.#queries.pools(),
      this.#queries.validator().catch(missing),
    ]);
    return { summaries: withChainState(pools, validator), validator };
  }

  async #readSurroundings(): Promise<Surroundings> {
    const [stats, gateway] = await Promise.all([
      this.#queries.stats({ windowMs: RATE_WINDOW_MS }),
      this.#queries.gateway().catch(missing),
    ]);
    return { stats, gateway };
  }

  async #summary(poolId: string): Promise<PoolSummary> {
    const { summaries } = await this.#pools.get();
    return summaries.find(({ id }) => id === poolId) ?? noSuchPool();
  }

  async #info({ validator }: Pools, summary: PoolSummary): Promise<PoolInfo> {
    const poolId = summary.id;
    const [{ stats, gateway }, [facts], [round], topMiners] = await Promise.all([
      this.#surroundings.get(),
      this.#queries.poolFacts({ poolId }),
      this.#queries.round({ poolId }),
      this.#queries.miners({ poolId, sort: 'hashrate', limit: TOP_MINERS, offset: 0 }),
    ]);
    return toPoolInfo({
      summary,
      facts,
      endpoints: gateway?.listen.filter((endpoint) => endpoint.poolId === poolId) ?? [],
      daemons: daemonsUp(validator, poolId),
      topMiners,
      sharesPerSecond: sharesPerSecond(stats, poolId),
      roundWork: BigInt(round?.work ?? 0),
    });
  }

  async #balance(poolId: string, coin: string, address: string): Promise<MinerParts['balance']> {
    const [miner] = await this.#queries.miner({ address });
    return miner?.balances.find((balance) => balance.poolId === poolId && balance.coin === coin);
  }

  async #samples(poolId: string, address: string, chart: Chart): Promise<Samples[]> {
    const history = await this.#queries.minerHistory({ poolId, address, ...CHARTS[chart] });
    return toSamples(history);
  }
}
