/** One pool put together: its daemons, its jobs and its templates. */
import { buildCoinbase } from '@otedama/bitcoin-family';
import { type BitcoinCoin, parseAddress } from '@otedama/chain-params';
import type { DaemonConfig, PoolConfig } from '@otedama/config';
import type { Clock, Logger, TemplateBus } from '@otedama/contracts';
import { createBitcoinDaemon, createDaemonSet, type DaemonSet, type Timers } from '@otedama/daemon-rpc';
import { type ChainView, createChainView } from './chain/chain-view.ts';
import type { ValidatorMetrics } from './metrics.ts';
import type { ShareVerifier } from './shares/share-verifier.ts';
import { createJobPublisher, type JobPublisher } from './templates/job-publisher.ts';
import { EXTRANONCE_SIZE, type JobIdentity } from './templates/job.ts';
import type { JobKeys } from './templates/job-keys.ts';
import { createJobStore, type JobStore } from './templates/job-store.ts';
import { TemplateService } from './templates/template-service.ts';

/** Makes the daemons of a pool from its configuration; tests put others in. */
export type ConnectDaemons = (pool: PoolConfig) => DaemonSet;

export interface PoolDeps {
  readonly connectDaemons: ConnectDaemons;
  readonly createVerifier: (algorithm: BitcoinCoin['algorithm']) => ShareVerifier;
  readonly templates: TemplateBus;
  readonly keys: JobKeys;
  readonly metrics: ValidatorMetrics;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
}

export interface Pool {
  readonly config: PoolConfig;
  readonly daemons: DaemonSet;
  readonly verifier: ShareVerifier;
  readonly jobs: JobStore;
  readonly publisher: JobPublisher;
  readonly templates: TemplateService;
  readonly chain: ChainView;
}

export class PoolSetupError extends Error {
  override readonly name = 'PoolSetupError';
  readonly code = 'POOL_SETUP';
}

const PROBE_HEIGHT = 100_000_000;
const PROBE_TAG_BYTES = 8;

/** A pool whose blocks could not be built or paid must not start: nobody would notice before the first block. */
const identityOf = ({ id, coin, payoutAddress, coinbaseTag }: PoolConfig): JobIdentity => {
  const address = parseAddress(coin, payoutAddress);
  if (!address.ok) throw new PoolSetupError(`pool ${id}: payout address: ${address.reason}`);
  const tag = Buffer.from(coinbaseTag, 'utf8');
  try {
    buildCoinbase({
      height: PROBE_HEIGHT,
      valueAtomic: 0n,
      payoutScript: address.scriptPubKey,
      tag,
      uniqueTag: Buffer.alloc(PROBE_TAG_BYTES),
      extranonceSize: EXTRANONCE_SIZE,
    });
  } catch (cause) {
    throw new PoolSetupError(`pool ${id}: coinbase tag: ${String(cause)}`, { cause });
  }
  return {
    poolId: id,
    versionMask: coin.versionRollingMask,
    payoutScript: address.scriptPubKey,
    coinbaseTag: tag,
  };
};

export const createPool = (deps: PoolDeps, config: PoolConfig): Pool => {
  const { clock, timers, logger, metrics } = deps;
  const identity = identityOf(config);
  const daemons = deps.connectDaemons(config);
  const verifier = deps.createVerifier(config.coin.algorithm);
  const jobs = createJobStore(verifier);
  const publisher = createJobPublisher(
    { bus: deps.templates, store: jobs, keys: deps.keys, clock, metrics },
    identity,
  );
  const templates = new TemplateService(
    { daemons, publisher, clock, timers, logger },
    { poolId: config.id, coin: config.coin },
  );
  return { config, daemons, verifier, jobs, publisher, templates, chain: createChainView(daemons) };
};

/** The real thing: HTTP, and ZMQ where it is configured. */
export const connectConfiguredDaemons =
  (deps: {
    readonly clock: Clock;
    readonly timers: Timers;
    readonly logger: Logger;
    readonly random: () => number;
  }): ConnectDaemons =>
  ({ coin, daemons }) => {
    const connect = ({ zmqHashBlock, ...options }: DaemonConfig) => ({
      daemon: createBitcoinDaemon({ ...options, templateRules: coin.gbtRules }, deps),
      zmqHashBlock,
    });
    return createDaemonSet(deps, { members: daemons.map(connect), genesisHash: coin.genesisHash });
  };
