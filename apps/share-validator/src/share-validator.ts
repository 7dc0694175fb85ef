/**
 * The service: pools with their daemons, the judging of shares, the block path, and the view of the chain for
 * accounting. Knows no transport; the module and the composition root give it one.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Coin, targetToDifficulty, workOfTarget } from '@otedama/chain-params';
import type { PoolConfig } from '@otedama/config';
import type {
  Clock,
  DurableLog,
  Logger,
  ShareValidation,
  TemplateBus,
  Tracer,
  ValidatorStatus,
} from '@otedama/contracts';
import { type DaemonSet, systemTimers, type Timers } from '@otedama/daemon-rpc';
import type { Registry } from 'prom-client';
import { type ConnectAuxDaemons, connectConfiguredAuxDaemons } from './aux/connect.ts';
import type { MergedChain } from './aux/merged-mining.ts';
import { type BlockPath, createBlockPath } from './blocks/block-path.ts';
import { findChainHash } from './blocks/chain-identity.ts';
import type { BlockCandidate } from './blocks/candidate.ts';
import { createBlockSpool } from './blocks/spool.ts';
import { type SpoolFiles, systemSpoolFiles } from './blocks/spool-files.ts';
import type { Accepted } from './blocks/submission.ts';
import type { ChainView } from './chain/chain-view.ts';
import type { Fellows } from './fellows/fellows.ts';
import { sealOf } from './families/ethash.ts';
import { type PoolGauges, registerValidatorGauges } from './gauges.ts';
import { beginMetrics, createValidatorMetrics, type ValidatorMetrics } from './metrics.ts';
import {
  type ConnectDaemons,
  connectConfiguredDaemons,
  createPool,
  type Pool,
  type PoolDeps,
} from './pool.ts';
import { createShareJudge, type JudgedPool } from './shares/share-judge.ts';
import { createWorthOf } from './shares/worth.ts';
import { createJobKeys } from './templates/job-keys.ts';

export interface ShareValidatorDeps {
  readonly logs: {
    readonly shares: Pick<DurableLog, 'append' | 'readAt'>;
    readonly blocks: Pick<DurableLog, 'append'>;
  };
  readonly templates: Pick<TemplateBus, 'publish'>;
  /** Tells whom coinbases are to pay; absent: nobody does. */
  readonly payees?: PoolDeps['payees'];
  /** `new ShareVerifier(algorithm)` of the native package. */
  readonly createVerifier: PoolDeps['createVerifier'];
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Absent: nothing is traced. */
  readonly tracer?: Tracer;
  readonly timers?: Timers;
  readonly random?: () => number;
  readonly randomBytes?: (size: number) => Uint8Array;
  readonly connectDaemons?: ConnectDaemons;
  readonly connectAuxDaemons?: ConnectAuxDaemons;
  readonly files?: SpoolFiles;
  /** The other validators of a pool; absent where this is the only one. */
  readonly fellowsOf?: (poolId: string) => Fellows;
}

export interface ShareValidatorOptions {
  readonly pools: readonly PoolConfig[];
  /** The block spool is in its folder `spool`. */
  readonly dataDir: string;
  /** Its name among the validators of a fleet. */
  readonly instance?: string;
}

export interface ShareValidator {
  readonly validation: ShareValidation;
  /** A batch was refused before it came here. */
  countRefused(poolId: string): void;
  /** Of the pool's own chain or one mined below it; undefined for what is not configured. */
  chainView(poolId: string, coin: string): ChainView | undefined;
  status(): ValidatorStatus;
  /** Takes up the spool and begins to watch the daemons; none of them has to be there. */
  start(): Promise<void>;
  /** The gateways stop before: whoever still submits shares then gets no answer. */
  stop(): Promise<void>;
}

/** A job follows its template within tens of milliseconds. */
const JOB_PATIENCE_MS = 1_500;

/** A chain that a pool mines: its own, or one below it. */
const chainOf = (pool: Pool | undefined, coin: string): Pick<MergedChain, 'takers' | 'view'> | undefined => {
  if (pool?.config.coin.id === coin) return { takers: pool.daemons.all, view: pool.chain };
  return pool?.merged.chains.find((chain) => chain.coin.id === coin);
};

/** The next block of its chain can be mined at once. */
const minedBlock = (
  pool: Pool | undefined,
  { facts, submission }: BlockCandidate,
  accepted: Accepted,
): void => {
  const { by, asTip } = accepted;
  const own =
    pool?.config.coin.id === facts.coin ? pool.daemons.all.find((daemon) => daemon === by) : undefined;
  if (own !== undefined) pool?.templates.ownBlock(submission, own, asTip);
  else pool?.merged.chains.find(({ coin }) => coin.id === facts.coin)?.watcher.refresh();
};

const gaugesOf = (pool: Pool, clock: Clock): PoolGauges => ({
  poolId: pool.config.id,
  work() {
    const current = pool.current();
    if (current === undefined) return undefined;
    const { height, networkTarget } = current.job.template;
    return {
      height,
      networkDifficulty: targetToDifficulty(pool.config.coin.algorithm, networkTarget),
      ageSeconds: Math.max(0, clock() - current.takenAtMs) / 1000,
    };
  },
  liveJobs: () => pool.jobs.snapshot().size,
  daemons: () =>
    [{ coin: pool.config.coin, daemons: pool.daemons }, ...pool.merged.chains].map(({ coin, daemons }) => ({
      coin: coin.id,
      states: daemons.status().map(({ state }) => state),
    })),
});

type PoolStatus = ValidatorStatus['pools'][number];

const daemonStatus = (
  daemons: DaemonSet,
  complaintOf: (name: string) => string | undefined,
): PoolStatus['daemons'] =>
  daemons.status().map(({ name, state, active, detail }) => ({
    name,
    state,
    active,
    detail: detail ?? complaintOf(name),
  }));

const difficultyOf = ({ algorithm }: Pick<Coin, 'algorithm'>, height: number, target: bigint) => ({
  height,
  networkDifficulty: targetToDifficulty(algorithm, target),
  networkWork: workOfTarget(target).toString(),
});

const mergedStatus = ({
  coin,
  daemons,
  watcher,
}: MergedChain): NonNullable<PoolStatus['mergedChains']>[number] => {
  const work = watcher.work();
  return {
    coin: coin.id,
    network: coin.network,
    ...(work === undefined ? {} : difficultyOf(coin, work.height, work.target)),
    daemons: daemonStatus(daemons, (name) => watcher.complaint(name)),
  };
};

const payoutStatus = (pool: Pool): PoolStatus['coinbasePayout'] => {
  const payees = pool.payeeState();
  if (payees === undefined) return undefined;
  const current = pool.current();
  const { payments = [] } = current?.job.coinbasePayout ?? {};
  const paid = payments.reduce((sum, { amountAtomic }) => sum + BigInt(amountAtomic), 0n);
  const takenAtMs = current?.payees?.takenAtMs;
  return {
    payees,
    ...(takenAtMs === undefined ? {} : { takenAtMs }),
    outputs: payments.length,
    paidAtomic: paid.toString(),
  };
};

const poolStatus = (pool: Pool, blockPath: BlockPath): PoolStatus => {
  const { id, coin } = pool.config;
  const { chains } = pool.merged;
  const template = pool.current()?.job.template;
  const payout = payoutStatus(pool);
  const leading = pool.isLeading();
  return {
    poolId: id,
    ...(leading === undefined ? {} : { leading }),
    coin: coin.id,
    algorithm: coin.algorithm,
    network: coin.network,
    ...(template === undefined ? {} : difficultyOf(coin, template.height, template.networkTarget)),
    daemons: daemonStatus(pool.daemons, (name) => pool.templates.complaint(name)),
    ...(chains.length === 0 ? {} : { mergedChains: chains.map(mergedStatus) }),
    ...(payout === undefined ? {} : { coinbasePayout: payout }),
    candidatesSpooled: blockPath.pending(id),
  };
};

const createPools = (
  deps: ShareValidatorDeps,
  options: ShareValidatorOptions,
  metrics: ValidatorMetrics,
  ownBlocks: PoolDeps['ownBlocks'],
): ReadonlyMap<string, Pool> => {
  const { timers = systemTimers, random = Math.random } = deps;
  const poolDeps: PoolDeps = {
    ...deps,
    timers,
    metrics,
    ownBlocks,
    connectDaemons: deps.connectDaemons ?? connectConfiguredDaemons({ ...deps, timers, random }),
    connectAuxDaemons: deps.connectAuxDaemons ?? connectConfiguredAuxDaemons({ ...deps, timers, random }),
    keys: createJobKeys(deps.randomBytes ?? randomBytes),
  };
  return new Map(options.pools.map((config) => [config.id, createPool(poolDeps, config)]));
};

const judgedOf = ({ config, verifier, jobs, giveTemplate }: Pool): JudgedPool => ({
  poolId: config.id,
  verifier,
  jobs,
  giveTemplate,
  worthOf: createWorthOf(config),
});

export const createShareValidator = (
  deps: ShareValidatorDeps,
  options: ShareValidatorOptions,
): ShareValidator => {
  const { logger, logs, clock, tracer, timers = systemTimers } = deps;
  const metrics = createValidatorMetrics(deps.registry);
  for (const { id } of options.pools) beginMetrics(metrics, id);
  // Pools are asked of their blocks, and blocks of their pools.
  const pools = createPools(deps, options, metrics, {
    pending: (poolId) => blockPath.pending(poolId),
    loggedTo: (poolId) => blockPath.loggedTo(poolId),
  });
  const spool = createBlockSpool(
    { files: deps.files ?? systemSpoolFiles, logger },
    join(options.dataDir, 'spool'),
  );
  const blockPath = createBlockPath({
    spool,
    logs,
    logger,
    metrics,
    tracer,
    timers,
    random: deps.random ?? Math.random,
    daemonsOf: (poolId, coin) => chainOf(pools.get(poolId), coin)?.takers,
    identify: async ({ poolId }, submission, signal) => {
      const pool = pools.get(poolId);
      if (pool?.config.coin.family !== 'ethash') return undefined;
      return findChainHash({ timers, logger }, pool.daemons.all, sealOf(submission), signal);
    },
    onAccepted: (candidate, accepted) => minedBlock(pools.get(candidate.facts.poolId), candidate, accepted),
  });
  const validation = createShareJudge(
    { shares: logs.shares, blockPath, timers, logger, metrics, tracer },
    [...pools.values()].map(judgedOf),
    { jobPatienceMs: deps.fellowsOf === undefined ? 0 : JOB_PATIENCE_MS },
  );
  registerValidatorGauges(
    deps.registry,
    [...pools.values()].map((pool) => gaugesOf(pool, clock)),
    { batchesUnderWay: () => validation.underWay, candidatesWaiting: () => blockPath.waiting() },
  );

  return {
    validation,
    countRefused: (pool) => metrics.batches.bind({ pool, outcome: 'refused' }).add(),
    chainView: (poolId, coin) => chainOf(pools.get(poolId), coin)?.view,
    status: () => ({
      ...(options.instance === undefined ? {} : { instance: options.instance }),
      pools: [...pools.values()].map((pool) => poolStatus(pool, blockPath)),
    }),
    async start() {
      for (const pool of pools.values()) pool.start();
      await blockPath.replay();
    },
    async stop() {
      for (const pool of pools.values()) pool.stopWork();
      await blockPath.stop();
      await Promise.all([...pools.values()].map((pool) => pool.disconnect()));
    },
  };
};
