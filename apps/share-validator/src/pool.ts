/** One pool put together: its daemons, its jobs and its templates, in the way of its coin's family. */
import type { DaemonConfig, PoolConfig } from '@otedama/config';
import type { Clock, Logger, PayeeBus, Subscription, TemplateBus, Tracer } from '@otedama/contracts';
import {
  createBitcoinDaemon,
  createEthashDaemon,
  createMoneroDaemon,
  createDaemonSet,
  type Daemon,
  type DaemonSet,
  type Timers,
} from '@otedama/daemon-rpc';
import { type ConnectAuxDaemons, connectMergedMining } from './aux/connect.ts';
import type { MergedMining } from './aux/merged-mining.ts';
import { type ChainIncome, createChainIncome } from './chain/chain-income.ts';
import { type ChainView, createChainView } from './chain/chain-view.ts';
import { bitcoinFamily } from './families/bitcoin.ts';
import { cryptonoteFamily, RESERVED_BYTES } from './families/cryptonote.ts';
import { ethashFamily } from './families/ethash.ts';
import { kawpowFamily } from './families/kawpow.ts';
import type { Family } from './families/family.ts';
import type { Fellows } from './fellows/fellows.ts';
import { createJobSharing, type JobSharing } from './fellows/job-sharing.ts';
import type { ValidatorMetrics } from './metrics.ts';
import type { ShareVerifier } from './shares/share-verifier.ts';
import { createJobPublisher, type JobPublisher, type PublishedJob } from './templates/job-publisher.ts';
import type { JobKeys } from './templates/job-keys.ts';
import { createJobStore, JOB_LIMITS, type JobStore, MERGED_JOB_LIMITS } from './templates/job-store.ts';
import {
  createPayeeWatch,
  type OwnBlocks,
  type PayeeState,
  type PayeeWatch,
} from './templates/payee-watch.ts';
import { TemplateService } from './templates/template-service.ts';

/** Makes the daemons of a pool from its configuration; tests put others in. */
export type ConnectDaemons = (pool: PoolConfig) => DaemonSet;

export interface PoolDeps {
  readonly connectDaemons: ConnectDaemons;
  readonly connectAuxDaemons: ConnectAuxDaemons;
  readonly createVerifier: (algorithm: PoolConfig['coin']['algorithm']) => ShareVerifier;
  readonly templates: Pick<TemplateBus, 'publish'>;
  /** Undefined: nobody tells whom coinbases are to pay. */
  readonly payees?: Pick<PayeeBus, 'subscribe'> | undefined;
  /** What has become of the pools' own blocks. */
  readonly ownBlocks: OwnBlocks;
  readonly keys: JobKeys;
  readonly metrics: ValidatorMetrics;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly tracer?: Tracer | undefined;
  /** The other validators of a pool; undefined where there are none. */
  readonly fellowsOf?: ((poolId: string) => Fellows) | undefined;
}

export interface Pool {
  readonly config: PoolConfig;
  readonly daemons: DaemonSet;
  readonly verifier: ShareVerifier;
  readonly jobs: JobStore;
  /** Undefined where this validator is the pool's only one. */
  readonly giveTemplate: JobSharing<unknown>['giveTemplate'] | undefined;
  readonly templates: Pick<TemplateService<unknown>, 'start' | 'stop' | 'ownBlock' | 'complaint'>;
  readonly chain: ChainView;
  readonly merged: MergedMining;
  /** Whether the work of this validator is given out; undefined where it is the pool's only one. */
  isLeading(): boolean | undefined;
  /** What is mined at the moment. */
  current(): PublishedJob<unknown> | undefined;
  /** What is known of its coinbases' payees; undefined where they have none but the pool. */
  payeeState(): PayeeState | undefined;
  start(): void;
  /** No more work; the daemons can still be spoken to. */
  stopWork(): void;
  disconnect(): Promise<void>;
}

/** Undefined where the template says what a block earns. */
const incomeOf = ({ coin }: PoolConfig): ChainIncome | undefined =>
  coin.family === 'ethash' ? createChainIncome(coin.subsidy) : undefined;

/** Undefined where the coinbase pays the pool alone. */
const watchPayees = (deps: PoolDeps, { id, coinbasePayout }: PoolConfig): PayeeWatch | undefined =>
  coinbasePayout &&
  deps.payees &&
  createPayeeWatch({ ...deps, bus: deps.payees, blocks: deps.ownBlocks }, id);

interface PublisherParts<Body> {
  readonly jobs: JobStore;
  readonly merged: MergedMining;
  readonly payees: PayeeWatch | undefined;
  readonly fellows: Fellows | undefined;
  readonly sharing: JobSharing<Body> | undefined;
}

const createPublisher = <Body>(
  { templates: bus, keys, clock, metrics, tracer }: PoolDeps,
  { id }: PoolConfig,
  family: Family<Body>,
  { jobs: store, merged, payees, fellows, sharing }: PublisherParts<Body>,
): JobPublisher<Body> =>
  createJobPublisher(
    {
      bus,
      store,
      keys,
      clock,
      metrics,
      tracer,
      aux: () => merged.current(),
      payees: () => payees?.current(),
      fellows: fellows && sharing && { leadership: fellows.leadership, sharing },
    },
    id,
    family,
  );

const assemble = <Body>(deps: PoolDeps, config: PoolConfig, family: Family<Body>): Pool => {
  const { clock, timers, logger, tracer } = deps;
  const daemons = deps.connectDaemons(config);
  const verifier = deps.createVerifier(config.coin.algorithm);
  const merged = connectMergedMining(deps, config);
  const payees = watchPayees(deps, config);
  const jobs = createJobStore(verifier, merged.chains.length > 0 ? MERGED_JOB_LIMITS : JOB_LIMITS);
  const fellows = deps.fellowsOf?.(config.id);
  const sharing = fellows && createJobSharing({ ...fellows, store: jobs, clock, logger }, config.id, family);
  const publisher = createPublisher(deps, config, family, { jobs, merged, payees, fellows, sharing });
  let office: Subscription | undefined;
  const templates = new TemplateService(
    { daemons, family, publisher, metrics: deps.metrics, clock, timers, logger, tracer },
    { poolId: config.id },
  );
  return {
    config,
    daemons,
    verifier,
    jobs,
    giveTemplate: sharing?.giveTemplate,
    templates,
    chain: createChainView(daemons, incomeOf(config)),
    merged,
    isLeading: () => fellows?.leadership.isLeading,
    current: () => publisher.current(),
    payeeState: () => payees?.state(),
    start() {
      sharing?.start();
      office = fellows?.leadership.onChange(() => publisher.takeOffice());
      templates.start();
      daemons.start();
      merged.start(() => publisher.republish());
      payees?.start(() => publisher.republish());
    },
    stopWork() {
      office?.unsubscribe();
      fellows?.leadership.stand(false);
      templates.stop();
      merged.stop();
      payees?.stop();
      sharing?.stop();
    },
    disconnect: async () => {
      await Promise.all([daemons, ...merged.chains.map((chain) => chain.daemons)].map((set) => set.stop()));
    },
  };
};

export const createPool = (deps: PoolDeps, config: PoolConfig): Pool => {
  const { coin } = config;
  switch (coin.family) {
    case 'bitcoin':
      return assemble(deps, config, bitcoinFamily({ ...config, coin }));
    case 'cryptonote':
      return assemble(deps, config, cryptonoteFamily({ ...config, coin }));
    case 'kawpow':
      return assemble(deps, config, kawpowFamily({ ...config, coin }));
    case 'ethash':
      return assemble(deps, config, ethashFamily({ ...config, coin }));
    default:
      return coin satisfies never;
  }
};

const connectDaemon = (
  { coin, payoutAddress }: PoolConfig,
  options: DaemonConfig,
  deps: { readonly timers: Timers },
): Daemon => {
  switch (coin.family) {
    case 'bitcoin':
    case 'kawpow':
      return createBitcoinDaemon({ ...options, templateRules: coin.gbtRules }, deps);
    case 'cryptonote':
      return createMoneroDaemon(
        { ...options, walletAddress: payoutAddress, reserveBytes: RESERVED_BYTES },
        deps,
      );
    case 'ethash':
      return createEthashDaemon(
        { ...options, chainId: coin.chainId, maxUncleDepth: coin.maxUncleDepth },
        deps,
      );
    default:
      return coin satisfies never;
  }
};

/** The real thing: HTTP, and ZMQ where it is configured. */
export const connectConfiguredDaemons =
  (deps: {
    readonly clock: Clock;
    readonly timers: Timers;
    readonly logger: Logger;
    readonly random: () => number;
  }): ConnectDaemons =>
  (pool) => {
    const { daemons, coin } = pool;
    const connect = (options: DaemonConfig): Daemon => connectDaemon(pool, options, deps);
    return createDaemonSet(deps, { daemons: daemons.map(connect), genesisHash: coin.genesisHash });
  };
