/** The documents of the topics, made of what the services answer. */
import {
  type AccountingHealth,
  type BlockEvent,
  type BlockSummary,
  type Clock,
  LOCAL_AGENT,
  type LiveAlerts,
  type LiveBlocks,
  type LiveMiner,
  type LivePool,
  type LiveStatus,
  type PoolSummary,
} from '@otedama/contracts';
import type { LiveDocument, LiveTopic } from '@otedama/contracts/live';

import type { PoolQueries } from '../query/pool-queries.ts';
import type { StatusReader } from '../status/status-reader.ts';
import { blockAlerts, blockKey, foundAlert, operatorAlerts, workerAlerts } from './alerts.ts';
import { Readings } from './readings.ts';

export interface Documents {
  /** What a topic is now, given what it was. Undefined: there is no such pool or agent. */
  read(topic: LiveTopic, before: LiveDocument | undefined): Promise<LiveDocument | undefined>;
  /** What a block that was just found makes of `blocks` or `alerts`; undefined: nothing new. */
  withBlock(topic: LiveTopic, before: LiveDocument, block: BlockEvent): Promise<LiveDocument | undefined>;
}

export interface DocumentsDeps {
  readonly queries: PoolQueries;
  readonly status: StatusReader;
  readonly clock: Clock;
}

/** Rows of a list: what a page shows. The REST API has the rest. */
const MAX_ROWS = 200;
const STATS_WINDOW_MS = 3_600_000;
/** How old an answer may be: by how fast it changes and what it costs. */
const MAX_AGE_MS = {
  status: 500,
  pools: 500,
  blocks: 1_000,
  workers: 1_500,
  balances: 4_500,
  stats: 9_500,
} as const;
/** How long a block that was announced may be missing in the books. */
const UNBOOKED_MS = 120_000;

const byKey = <Row>(rows: readonly Row[], keyOf: (row: Row) => string): Record<string, Row> =>
  Object.fromEntries(rows.map((row) => [keyOf(row), row]));

const keyOfWorker = ({ address, worker }: { address: string; worker: string }): string =>
  `${address}/${worker}`;
const keyOfBalance = ({ address, coin }: { address: string; coin: string }): string => `${address}/${coin}`;

/** As it goes over the wire: what is undefined is not there. */
const asDocument = (value: object): LiveDocument => JSON.parse(JSON.stringify(value)) as LiveDocument;

class QueriedDocuments implements Documents {
  readonly #deps: DocumentsDeps;
  readonly #readings: Readings;
  readonly #startedAtMs: number;

  constructor(deps: DocumentsDeps) {
    this.#deps = deps;
    this.#readings = new Readings(deps.clock);
    this.#startedAtMs = deps.clock();
  }

  async read(topic: LiveTopic, before: LiveDocument | undefined): Promise<LiveDocument | undefined> {
    const made = await this.#make(topic, before);
    return made === undefined ? undefined : asDocument(made);
  }

  async withBlock(
    topic: LiveTopic,
    before: LiveDocument,
    block: BlockEvent,
  ): Promise<LiveDocument | undefined> {
    if (topic.kind === 'alerts') {
      const { alerts } = before as unknown as LiveAlerts;
      const id = `block-found ${blockKey(block)}`;
      if (Object.hasOwn(alerts, id) || block.outcome !== 'accepted') return undefined;
      const { poolId, coin, height, hash, foundAtMs } = block;
      const found = foundAlert({ poolId, coin, height, hash, worker: finderOf(block), foundAtMs });
      return asDocument({ alerts: { ...alerts, [id]: found } });
    }
    const { blocks } = before as unknown as LiveBlocks;
    if (Object.hasOwn(blocks, blockKey(block))) return undefined;
    const row = announced(block, await this.#pools(), Object.values(blocks));
    return row === undefined ? undefined : asDocument({ blocks: { ...blocks, [blockKey(block)]: row } });
  }

  async #make(topic: LiveTopic, before: LiveDocument | undefined): Promise<object | undefined> {
    switch (topic.kind) {
      case 'status':
        return this.#status(before as LiveStatus | undefined);
      case 'blocks':
        return this.#blocks(before as LiveBlocks | undefined);
      case 'alerts':
        return this.#alerts(before as LiveAlerts | undefined);
      case 'operator-alerts':
        return this.#operatorAlerts(before as LiveAlerts | undefined);
      case 'pool':
        return this.#pool(topic.poolId);
      case 'miner':
        return this.#miner(topic, before as LiveMiner | undefined);
      case 'agent':
        return this.#agent(topic.agentId);
    }
  }

  async #status(before: LiveStatus | undefined): Promise<LiveStatus> {
    const { uptimeSeconds: _uptime, pools, ...status } = await this.#readStatus();
    const isGone = (part: (typeof status.unavailable)[number]): boolean => status.unavailable.includes(part);
    return {
      ...status,
      // Of all gateways the one that was there first: each tells the same.
      startedAtMs: Math.min(this.#startedAtMs, before?.startedAtMs ?? Infinity),
      // What a silent service said last stays as it was; `unavailable` says that it is old.
      pools: isGone('accounting') ? (before?.pools ?? {}) : byKey(pools, ({ id }) => id),
      validator: isGone('validator') ? (before?.validator ?? status.validator) : status.validator,
      gateway: isGone('gateway') ? (before?.gateway ?? status.gateway) : status.gateway,
    };
  }

  async #blocks(before: LiveBlocks | undefined): Promise<LiveBlocks> {
    const booked = byKey(await this.#readBlocks(), blockKey);
    const sinceMs = this.#deps.clock() - UNBOOKED_MS;
    const unbooked = Object.entries(before?.blocks ?? {}).filter(
      ([key, { foundAtMs, confirmations }]) =>
        foundAtMs > sinceMs && confirmations === 0 && !Object.hasOwn(booked, key),
    );
    return { blocks: { ...Object.fromEntries(unbooked), ...booked } };
  }

  async #alerts(before: LiveAlerts | undefined): Promise<LiveAlerts> {
    return { alerts: blockAlerts(before?.alerts ?? {}, await this.#readBlocks(), this.#deps.clock()) };
  }

  async #operatorAlerts(before: LiveAlerts | undefined): Promise<LiveAlerts> {
    const [status, health] = await Promise.all([
      this.#readStatus(),
      this.#deps.queries.accountingHealth().catch((): AccountingHealth | undefined => undefined),
    ]);
    return { alerts: operatorAlerts(before?.alerts ?? {}, status, health, this.#deps.clock()) };
  }

  async #pool(poolId: string): Promise<LivePool | undefined> {
    const { queries } = this.#deps;
    const page = { poolId, limit: MAX_ROWS, offset: 0 };
    const [pools, stats, workers, balances] = await Promise.all([
      this.#pools(),
      this.#readings.get('stats', MAX_AGE_MS.stats, () => queries.stats({ windowMs: STATS_WINDOW_MS })),
      this.#readings.get(`workers ${poolId}`, MAX_AGE_MS.workers, () => queries.workers(page)),
      this.#readings.get(`balances ${poolId}`, MAX_AGE_MS.balances, () => queries.balances(page)),
    ]);
    const pool = pools.find(({ id }) => id === poolId);
    if (pool === undefined) return undefined;
    const points = stats.pools.find((one) => one.poolId === poolId)?.points ?? [];
    return {
      pool,
      points: Object.fromEntries(points.map(({ atMs, ...point }) => [String(atMs), point])),
      workers: byKey(workers, keyOfWorker),
      balances: byKey(balances, keyOfBalance),
    };
  }

  async #miner(
    { poolId, address }: { readonly poolId: string; readonly address: string },
    before: LiveMiner | undefined,
  ): Promise<LiveMiner | undefined> {
    const { queries, clock } = this.#deps;
    const page = { poolId, address, limit: MAX_ROWS, offset: 0 };
    const [pools, workerRows, balances] = await Promise.all([
      this.#pools(),
      queries.workers(page),
      queries.balances(page),
    ]);
    if (!pools.some(({ id }) => id === poolId)) return undefined;
    const workers = byKey(workerRows, keyOfWorker);
    return {
      workers,
      balances: byKey(balances, keyOfBalance),
      alerts: workerAlerts(before, workers, clock()),
    };
  }

  async #agent(agentId: string): Promise<object | undefined> {
    const agents = await this.#deps.queries.agents();
    return agents.find(({ instance }) => (instance ?? LOCAL_AGENT) === agentId);
  }

  #readStatus() {
    return this.#readings.get('status', MAX_AGE_MS.status, () => this.#deps.status.read());
  }

  #readBlocks(): Promise<BlockSummary[]> {
    const page = { limit: MAX_ROWS, offset: 0 };
    return this.#readings.get('blocks', MAX_AGE_MS.blocks, () => this.#deps.queries.blocks(page));
  }

  #pools(): Promise<PoolSummary[]> {
    return this.#readings.get('pools', MAX_AGE_MS.pools, () => this.#deps.queries.pools());
  }
}

const finderOf = ({ address, worker }: BlockEvent): string =>
  worker === '' ? address : `${address}.${worker}`;

/** A block as the log tells of it, in the form that the books will have it in. */
function announced(
  block: BlockEvent,
  pools: readonly PoolSummary[],
  rows: readonly BlockSummary[],
): BlockSummary | undefined {
  const pool = pools.find(({ id }) => id === block.poolId);
  if (pool === undefined) return undefined;
  const unit = pool.coin === block.coin ? pool : pool.mergedChains?.find(({ coin }) => coin === block.coin);
  if (unit === undefined) return undefined;
  const alike = rows.find(({ coin }) => coin === block.coin);
  return {
    poolId: block.poolId,
    coin: block.coin,
    symbol: unit.symbol,
    decimals: unit.decimals,
    height: block.height,
    hash: block.hash,
    state: block.outcome === 'accepted' ? 'immature' : 'rejected',
    confirmations: 0,
    // The books will say; a row of the same coin says it already.
    requiredConfirmations: alike?.requiredConfirmations ?? 0,
    rewardAtomic: block.rewardAtomic,
    finder: finderOf(block),
    foundAtMs: block.foundAtMs,
  };
}

export const createDocuments = (deps: DocumentsDeps): Documents => new QueriedDocuments(deps);
