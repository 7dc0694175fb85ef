/**
 * The composition root of the embedded mode: every service in this process, the in-process bus between them,
 * PostgreSQL beside them, and with no pool configured a playground chain to mine. Starts and stops in the
 * order in which they need each other.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type ApiGateway, createApiGateway, createQueryClient } from '@otedama/app-api-gateway';
import {
  type MinerAgent,
  MinerAgentModule,
  cpuOptions,
  createAgentMetrics,
  createMinerAgent,
  minerAgentOptions,
  systemDeps,
} from '@otedama/app-miner-agent';
import {
  type Accounting,
  AccountingModule,
  type AuditKeeper,
  type PayoutDesk,
  type Payouts,
  type PayoutWishes,
  createAccess,
  createAccounting,
  createAuditKeeper,
  createPayoutDesk,
  createPayoutWishes,
  createPayouts,
  openWallets,
  registerDatabaseMetrics,
} from '@otedama/app-pool-accounting';
import {
  type ShareValidator,
  ShareValidatorModule,
  createShareValidator,
} from '@otedama/app-share-validator';
import {
  type ListeningPool,
  type StratumGateway,
  StratumGatewayModule,
  createGateway,
} from '@otedama/app-stratum-gateway';
import {
  type ClosableAuditTrail,
  InProcessBroker,
  InProcessClient,
  InProcessServer,
  createAuditTrail,
  createLastValueBus,
} from '@otedama/bus';
import { type Config, createSecret, showConfig } from '@otedama/config';
import {
  AUDIT_LOG,
  type Access,
  BLOCKS_LOG,
  type Logger,
  type PayeeSnapshot,
  SHARES_LOG,
  type TemplateUpdate,
  type Tracer,
  accountingPoolsSchema,
} from '@otedama/contracts';
import {
  createAccessStore,
  type AuditBook,
  createAuditBook,
  createBookingLease,
  createLedger,
  createPayoutOutbox,
} from '@otedama/ledger';
import { BlobTemplate, ShareVerifier, receiptRoot } from '@otedama/native';
import {
  type Health,
  createHealth,
  createMetrics,
  createMonitoringListeners,
  createTracer,
  exposeBuild,
  exposeHealth,
  withFields,
} from '@otedama/observability';
import type { Registry } from 'prom-client';
import { programPaths, registerLogQueues, watchMachine } from '@otedama/service-host';
import { MemoryBans, MemoryCounters } from '@otedama/shared-state';
import { Pace } from '@otedama/sockets';
import { VERSION } from '@otedama/observability/version';
import { freePort } from './free-port.ts';
import { playgroundAddresses } from './keys.ts';
import { withPlayground } from './playground-config.ts';
import { type PlaygroundProcess, startPlaygroundProcess } from './playground-process.ts';
import type { LiveState } from './status-line.ts';
import { type Storage, openStorage } from './storage.ts';

export interface RunningServices {
  readonly api: string | undefined;
  readonly stratum: readonly { readonly poolId: string; readonly url: string }[];
  liveState(): Promise<LiveState>;
  /** Drains: shares in flight are answered, transactions finished, then everything closes. */
  stop(): Promise<void>;
}

interface Shared {
  readonly config: Config;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly health: Health;
  readonly tracer: Tracer;
  readonly broker: InProcessBroker;
  readonly bans: MemoryBans;
  /** Of those who come to the ports for miners and to the API together. */
  readonly pace: Pace;
}

interface Services {
  readonly validator: ShareValidator;
  readonly accounting: Accounting;
  readonly payouts: Payouts;
  readonly wishes: PayoutWishes;
  readonly access: Access;
  readonly audit: AuditKeeper;
  readonly auditBook: AuditBook;
  readonly desk: PayoutDesk;
  readonly gateway: StratumGateway;
}

type Step = () => Promise<void>;

const API_KEY_BYTES = 24;

/**
 * A private chain for a configuration without a pool: its node starts beside us, its keys are ours; unless the
 * configuration names a node that runs already.
 */
const preparePlayground = async (
  config: Config,
  logger: Logger,
): Promise<{ config: Config; miner: string | undefined; node: PlaygroundProcess | undefined }> => {
  const coin = config.pools[0]?.coin;
  if (!config.playground || coin?.family !== 'bitcoin' || config.pools[0]?.daemons.length !== 0)
    return { config, miner: undefined, node: undefined };
  const dataDir = join(config.app.dataDir, 'playground');
  const addresses = playgroundAddresses(join(dataDir, 'keys.json'), coin);
  const apiKey = randomBytes(API_KEY_BYTES).toString('hex');
  const rpcPort = await freePort();
  const script = programPaths().playground;
  const node = startPlaygroundProcess({ script, dataDir: join(dataDir, 'chain'), rpcPort, apiKey }, logger);
  const daemon = {
    name: 'playground',
    url: `http://127.0.0.1:${rpcPort}`,
    user: 'otedama',
    password: createSecret(apiKey),
    zmqHashBlock: undefined,
    zmqPub: undefined,
    webSocket: undefined,
  };
  return { config: withPlayground(config, addresses, daemon), miner: addresses.miner, node };
};

const createPaying = (
  { config, logger, registry }: Shared,
  { database }: Storage,
  accounting: Accounting,
): Pick<Services, 'payouts' | 'wishes' | 'desk'> => {
  const outbox = createPayoutOutbox(database.db);
  const deps = {
    outbox,
    isBookkeeper: () => accounting.isBookkeeper(),
    registry,
    clock: Date.now,
    logger: withFields(logger, { service: 'payouts' }),
  };
  return {
    payouts: createPayouts(deps, openWallets(config.pools)),
    wishes: createPayoutWishes({ outbox, clock: Date.now }, config.pools),
    desk: createPayoutDesk(
      { ...deps, tasks: openWallets(config.pools) },
      config.pools.map(({ id }) => id),
    ),
  };
};

/** Who may do what, and who did. */
const createRecords = (
  { config, logger, registry }: Shared,
  { database, audit: log }: Storage,
  accounting: Accounting,
): Pick<Services, 'access' | 'audit' | 'auditBook'> => {
  const auditBook = createAuditBook(database.db);
  const access = createAccess({ store: createAccessStore(database.db), clock: Date.now }, config.api.auth);
  const audit = createAuditKeeper({
    book: auditBook,
    log,
    isBookkeeper: () => accounting.isBookkeeper(),
    registry,
    clock: Date.now,
    logger: withFields(logger, { service: 'audit' }),
  });
  return { access, audit, auditBook };
};

const createServices = (shared: Shared, storage: Storage): Services => {
  const { config, logger, registry, broker, tracer } = shared;
  const logs = { shares: storage.shares, blocks: storage.blocks };
  const templates = createLastValueBus<TemplateUpdate>(logger);
  const payees = createLastValueBus<PayeeSnapshot>(logger);
  const of = (service: string): Logger => withFields(logger, { service });
  const common = { registry, clock: Date.now, tracer };
  const validator = createShareValidator(
    {
      logs,
      templates,
      payees,
      createVerifier: (algorithm) => new ShareVerifier(algorithm),
      logger: of('share-validator'),
      ...common,
    },
    { pools: config.pools, dataDir: config.app.dataDir },
  );
  const accounting = createAccounting(
    {
      ledger: createLedger(storage.database.db, { receiptRoot }),
      lease: createBookingLease(storage.database.pool),
      logs,
      coinbases: { templates, payees },
      chainOf: (poolId, coin) => validator.chainView(poolId, coin),
      logger: of('pool-accounting'),
      ...common,
    },
    { pools: config.pools, prices: config.prices },
  );
  const gateway = createGateway(
    {
      validation: validator.validation,
      templates,
      createBlobTemplate: (parts) => new BlobTemplate(parts),
      randomBytes,
      logger: of('stratum-gateway'),
      ...common,
      bans: shared.bans,
      pace: shared.pace,
      accounting: new InProcessClient(broker),
    },
    {
      pools: config.pools,
      stratum: config.stratum,
      defence: config.defence,
      serverVersion: `otedama/${VERSION}`,
    },
  );
  return {
    validator,
    accounting,
    ...createPaying(shared, storage, accounting),
    ...createRecords(shared, storage, accounting),
    gateway,
  };
};

const addHealth = (
  health: Health,
  { validator, accounting, payouts, audit }: Services,
  storage: Storage,
): void => {
  health.add('logs', () => {
    const { shares, blocks, audit: changes } = storage;
    const reason = shares.heldUp ?? blocks.heldUp ?? changes.heldUp;
    return reason === undefined ? { state: 'up' } : { state: 'degraded', reason };
  });
  health.add('books', () => accounting.partState());
  health.add('payouts', () => payouts.partState());
  health.add('audit', () => audit.partState());
  health.add('daemons', () => {
    const stopped = validator.status().pools.filter((pool) => pool.height === undefined);
    return stopped.length === 0
      ? { state: 'up' }
      : { state: 'degraded', reason: `no work for ${stopped.map((pool) => pool.poolId).join(', ')}` };
  });
};

/** Commands and queries between the services, by the same controllers as in the fleet. */
const startMessaging = async (
  shared: Shared,
  services: Services,
  listening: readonly ListeningPool[],
  ownMiner: string | undefined,
): Promise<{ agent: MinerAgent; close: Step }> => {
  const { config, broker, logger, registry } = shared;
  const deps = systemDeps(
    { logger: withFields(logger, { service: 'miner-agent' }), metrics: createAgentMetrics(registry) },
    cpuOptions(config),
  );
  const agent = createMinerAgent(deps, minerAgentOptions(config, listening, ownMiner));
  @Module({
    imports: [
      ShareValidatorModule.register(services.validator),
      AccountingModule.register(services),
      StratumGatewayModule.register(services.gateway),
      MinerAgentModule.register(agent),
    ],
  })
  class EmbeddedModule {}
  const app = await NestFactory.createMicroservice(EmbeddedModule, {
    strategy: new InProcessServer(broker),
    logger: false,
  });
  await app.listen();
  return { agent, close: () => app.close() };
};

const startApi = async (
  shared: Shared,
  storage: Storage,
  audit: ClosableAuditTrail,
): Promise<{ api: ApiGateway; url: string } | undefined> => {
  const { config, registry, health, broker } = shared;
  if (!config.api.enabled) return undefined;
  const paths = programPaths();
  const api = await createApiGateway(
    {
      queries: createQueryClient(new InProcessClient(broker)),
      logger: withFields(shared.logger, { service: 'api-gateway' }),
      clock: Date.now,
      registry,
      health,
      blocksLog: storage.blocks,
      audit,
      bans: shared.bans,
      counters: new MemoryCounters({ monotonicMs: () => performance.now() }),
      pace: shared.pace,
    },
    {
      version: VERSION,
      api: config.api,
      monitoring: config.monitoring,
      settings: showConfig(config),
      dashboardDir: paths.dashboard,
      swaggerUiDir: paths.swaggerUi,
    },
  );
  const { host, port } = await api.start();
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const scheme = config.api.tls === undefined ? 'http' : 'https';
  return { api, url: `${scheme}://${shown.includes(':') ? `[${shown}]` : shown}:${port}` };
};

/** Runs the steps backwards; a step that fails does not keep the others from running. */
const unwind = async (steps: readonly Step[], logger: Logger): Promise<void> => {
  for (const step of [...steps].reverse()) {
    try {
      await step();
    } catch (error) {
      logger.error({ error }, 'a service did not stop in good order');
    }
  }
};

/** Metrics and health where the configuration wants them apart from the API; there before all else. */
const startMonitoring = async ({ config, ...sources }: Shared, undo: Step[]): Promise<void> => {
  exposeBuild(sources.registry, VERSION);
  exposeHealth(sources.health, sources.registry);
  const listeners = createMonitoringListeners(sources, config.monitoring);
  undo.push(() => listeners.stop());
  await listeners.start();
  const watch = watchMachine(sources, config.app.dataDir);
  undo.push(async () => watch.stop());
};

const showStorage = (registry: Registry, { database, shares, blocks, audit }: Storage): void => {
  registerDatabaseMetrics(registry, database);
  const showLog = registerLogQueues(registry);
  showLog(SHARES_LOG, () => shares.waiting);
  showLog(BLOCKS_LOG, () => blocks.waiting);
  showLog(AUDIT_LOG, () => audit.waiting);
};

const startAll = async (given: Config, logger: Logger, undo: Step[]): Promise<RunningServices> => {
  const { config, miner, node } = await preparePlayground(given, logger);
  if (node !== undefined) undo.push(() => node.stop());
  const health = createHealth();
  const tracer = createTracer(logger, config.monitoring.traces, {
    service: 'otedama',
    instance: config.service.instance ?? hostname(),
  });
  undo.push(() => tracer.close());
  const shared: Shared = {
    config,
    logger,
    registry: createMetrics(),
    health,
    tracer,
    broker: new InProcessBroker(),
    bans: new MemoryBans({ clock: Date.now, monotonicMs: () => performance.now() }),
    pace: new Pace({ share: 0.5 }),
  };
  await startMonitoring(shared, undo);
  const storage = await openStorage(config, programPaths().ledgerPackage, logger);
  undo.push(() => storage.stop());
  showStorage(shared.registry, storage);
  const services = createServices(shared, storage);
  addHealth(health, services, storage);
  await services.accounting.start();
  undo.push(() => services.accounting.stop());
  services.audit.start();
  undo.push(() => services.audit.stop());
  await services.validator.start();
  undo.push(() => services.validator.stop());
  services.payouts.start();
  undo.push(() => services.payouts.stop());
  undo.push(async () => services.desk.close());
  const listening = config.stratum.enabled ? await services.gateway.start() : [];
  if (config.stratum.enabled) undo.push(() => services.gateway.stop());
  const { agent, close } = await startMessaging(shared, services, listening, miner);
  undo.push(close);
  const audit = createAuditTrail({ log: storage.audit, logger });
  undo.push(() => audit.close());
  const api = await startApi(shared, storage, audit);
  if (api !== undefined) undo.push(() => api.api.stop());
  await agent.start();
  undo.push(() => agent.stop());
  health.started();
  return {
    api: api?.url,
    stratum: listening.map(({ poolId, host, port }) => ({ poolId, url: `stratum+tcp://${host}:${port}` })),
    async liveState() {
      const heights = new Map(services.validator.status().pools.map((pool) => [pool.poolId, pool.height]));
      const pools = accountingPoolsSchema.parse(await services.accounting.pools());
      return {
        mining: agent.status(),
        pools: pools.map((pool) => ({ ...pool, height: heights.get(pool.id) })),
      };
    },
    stop: () => unwind(undo, logger),
  };
};

export const startServices = async (config: Config, logger: Logger): Promise<RunningServices> => {
  const undo: Step[] = [];
  try {
    return await startAll(config, logger, undo);
  } catch (error) {
    await unwind(undo, logger);
    throw error;
  }
};
