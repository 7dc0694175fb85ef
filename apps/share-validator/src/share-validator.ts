/**
 * The service: pools with their daemons, the judging of shares, the block path, and the view of the chain for
 * accounting. Knows no transport; the module and the composition root give it one.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { targetToDifficulty } from '@otedama/chain-params';
import type { PoolConfig } from '@otedama/config';
import type {
  Clock,
  DurableLog,
  Logger,
  ShareValidation,
  TemplateBus,
  ValidatorStatus,
} from '@otedama/contracts';
import { systemTimers, type Timers } from '@otedama/daemon-rpc';
import type { Registry } from 'prom-client';
import { type BlockPath, createBlockPath } from './blocks/block-path.ts';
import { createBlockSpool } from './blocks/spool.ts';
import { type SpoolFiles, systemSpoolFiles } from './blocks/spool-files.ts';
import type { ChainView } from './chain/chain-view.ts';
import { createValidatorMetrics, type ValidatorMetrics } from './metrics.ts';
import {
  type ConnectDaemons,
  connectConfiguredDaemons,
  createPool,
  type Pool,
  type PoolDeps,
} from './pool.ts';
import { createShareJudge } from './shares/share-judge.ts';
import { createJobKeys } from './templates/job-keys.ts';

export interface ShareValidatorDeps {
  readonly logs: { readonly shares: DurableLog; readonly blocks: DurableLog };
  readonly templates: TemplateBus;
  /** `new ShareVerifier(algorithm)` of the native package. */
  readonly createVerifier: PoolDeps['createVerifier'];
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timers?: Timers;
  readonly random?: () => number;
  readonly randomBytes?: (size: number) => Uint8Array;
  readonly connectDaemons?: ConnectDaemons;
  readonly files?: SpoolFiles;
}

export interface ShareValidatorOptions {
  readonly pools: readonly PoolConfig[];
  /** The block spool is in its folder `spool`. */
  readonly dataDir: string;
}

export interface ShareValidator {
  readonly validation: ShareValidation;
  /** Undefined for a pool that is not configured. */
  chainView(poolId: string): ChainView | undefined;
  status(): ValidatorStatus;
  /** Takes up the spool and begins to watch the daemons; none of them has to be there. */
  start(): Promise<void>;
  /** The gateways stop before: whoever still submits shares then gets no answer. */
  stop(): Promise<void>;
}

const HEADER_HEX = 160;

const poolStatus = (pool: Pool, blockPath: BlockPath): ValidatorStatus['pools'][number] => {
  const { id, coin } = pool.config;
  const job = pool.publisher.current()?.template;
  return {
    poolId: id,
    coin: coin.id,
    algorithm: coin.algorithm,
    network: coin.network,
    ...(job === undefined
      ? {}
      : {
          height: job.height,
          networkDifficulty: targetToDifficulty(coin.algorithm, job.networkTarget),
        }),
    daemons: pool.daemons.status().map(({ name, state, active, detail }) => ({
      name,
      state,
      active,
      detail: detail ?? pool.templates.complaint(name),
    })),
    candidatesSpooled: blockPath.pending(id),
  };
};

const createPools = (
  deps: ShareValidatorDeps,
  options: ShareValidatorOptions,
  metrics: ValidatorMetrics,
): ReadonlyMap<string, Pool> => {
  const { timers = systemTimers, random = Math.random } = deps;
  const poolDeps: PoolDeps = {
    ...deps,
    timers,
    metrics,
    connectDaemons: deps.connectDaemons ?? connectConfiguredDaemons({ ...deps, timers, random }),
    keys: createJobKeys(deps.randomBytes ?? randomBytes),
  };
  return new Map(options.pools.map((config) => [config.id, createPool(poolDeps, config)]));
};

export const createShareValidator = (
  deps: ShareValidatorDeps,
  options: ShareValidatorOptions,
): ShareValidator => {
  const { logger, logs, clock } = deps;
  const metrics = createValidatorMetrics(deps.registry);
  const pools = createPools(deps, options, metrics);
  const spool = createBlockSpool(
    { files: deps.files ?? systemSpoolFiles, logger },
    join(options.dataDir, 'spool'),
  );
  const blockPath = createBlockPath({
    spool,
    logs,
    logger,
    metrics,
    timers: deps.timers ?? systemTimers,
    random: deps.random ?? Math.random,
    daemonsOf: (poolId) => pools.get(poolId)?.daemons.all,
    onAccepted: ({ facts, blockHex }, { by, asTip }) => {
      const header = Buffer.from(blockHex.slice(0, HEADER_HEX), 'hex');
      pools.get(facts.poolId)?.templates.ownBlock(header, by, asTip);
    },
  });
  const judged = [...pools.values()].map(({ config, verifier, jobs }) => ({
    poolId: config.id,
    coin: config.coin.id,
    verifier,
    jobs,
  }));
  const validation = createShareJudge({ shares: logs.shares, blockPath, clock, logger, metrics }, judged);

  return {
    validation,
    chainView: (poolId) => pools.get(poolId)?.chain,
    status: () => ({ pools: [...pools.values()].map((pool) => poolStatus(pool, blockPath)) }),
    async start() {
      for (const { templates, daemons } of pools.values()) {
        templates.start();
        daemons.start();
      }
      await blockPath.replay();
    },
    async stop() {
      for (const { templates } of pools.values()) templates.stop();
      await blockPath.stop();
      await Promise.all([...pools.values()].map(({ daemons }) => daemons.stop()));
    },
  };
};
