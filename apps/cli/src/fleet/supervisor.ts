/** Starts what a fleet of one machine needs, keeps it running, and writes down what runs. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BITCOIN_PLAYGROUND } from '@otedama/chain-params';
import type { Config } from '@otedama/config';
import type { Logger } from '@otedama/contracts';
import { claimDirectory } from '@otedama/processes';
import { VERSION } from '@otedama/observability/version';
import { playgroundAddresses } from '../up/keys.ts';
import { startDatabase } from './database.ts';
import { askHealth } from './health.ts';
import { endLeftovers } from './leftovers.ts';
import { type FatalExitError, type Managed, ManagedProcess, type ProcessSpec } from './managed-process.ts';
import { rotateLog } from './rotate-log.ts';
import { ensureFleetStreams } from './streams.ts';
import { planNats, planPlayground, planRedis } from './servers.ts';
import { type FleetSize, type ServicePlans, planServices } from './services.ts';
import {
  type FleetEntry,
  type FleetState,
  GROUPS,
  type HealthPlace,
  identityOf,
  readState,
  removeState,
  writeState,
} from './state.ts';

export interface FleetOptions extends FleetSize {
  /** Absolute; belongs to this fleet alone. */
  readonly dir: string;
  readonly config: Config;
  readonly configFile: string | undefined;
}

const WRITE_EVERY_MS = 250;
const ROTATE_EVERY_MS = 5_000;
const READY_POLL_MS = 50;

type Env = Record<string, string>;

export class Fleet {
  readonly #options: FleetOptions;
  readonly #logger: Logger;
  readonly #running: Managed[] = [];
  readonly #fatal = Promise.withResolvers<never>();
  readonly #env: Env = {};
  #services: ServicePlans = { specs: [], stratum: [], api: undefined };
  /** What `fleet.json` says of; nothing may be written any more when it is undefined. */
  #written: string | undefined = '';
  #writing: NodeJS.Timeout | undefined;
  #rotating: NodeJS.Timeout | undefined;
  #release: (() => Promise<void>) | undefined;

  constructor(options: FleetOptions, logger: Logger) {
    this.#options = options;
    this.#logger = logger;
    // Nobody may be waiting for it yet.
    this.#fatal.promise.catch(() => undefined);
  }

  /** Rejects when a process can never run. */
  get failed(): Promise<never> {
    return this.#fatal.promise;
  }

  /** Names of processes that an earlier supervisor left behind and that were ended. */
  async start(): Promise<string[]> {
    const { dir } = this.#options;
    mkdirSync(join(dir, 'logs'), { recursive: true, mode: 0o700 });
    const claim = await claimDirectory(dir);
    this.#release = () => claim.release();
    const earlier = readState(dir);
    const ended = earlier === undefined ? [] : await endLeftovers(earlier);
    this.#writing = setInterval(() => void this.#write(), WRITE_EVERY_MS);
    this.#rotating = setInterval(() => this.#rotateLogs(), ROTATE_EVERY_MS);
    await Promise.all([
      this.#startNats(),
      this.#startRedis(),
      this.#startDatabase(),
      this.#startPlayground(),
    ]);
    this.#services = await planServices({ ...this.#options, env: this.#env });
    for (const spec of this.#services.specs) this.#run(spec);
    await this.#write();
    return ended;
  }

  /** Until every process says that it is ready. */
  async ready(): Promise<FleetState> {
    const all = async (): Promise<void> => {
      for (const { plan } of this.#running) await untilReady(plan.health);
    };
    await Promise.race([all(), this.failed]);
    return this.state();
  }

  async state(): Promise<FleetState> {
    const supervisor = await identityOf(process.pid);
    if (supervisor === undefined) throw new TypeError('this process runs');
    const { stratum, api } = this.#services;
    const processes = await Promise.all(this.#running.map(entryOf));
    return { version: VERSION, supervisor, ...(api === undefined ? {} : { api }), stratum, processes };
  }

  /** Group after group: who brings work first, who keeps it last. */
  async stop(): Promise<void> {
    // Another fleet has the directory, and what is written there.
    if (this.#release === undefined) return;
    for (const group of GROUPS) {
      const members = this.#running.filter(({ plan }) => plan.group === group);
      const outcomes = await Promise.allSettled(members.map((member) => member.stop()));
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected')
          this.#logger.error({ error: outcome.reason, group }, 'a process did not stop in good order');
      }
    }
    clearInterval(this.#writing);
    clearInterval(this.#rotating);
    this.#written = undefined;
    removeState(this.#options.dir);
    await this.#release();
  }

  #run(spec: ProcessSpec): void {
    const onFatal = (error: FatalExitError): void => this.#fatal.reject(error);
    const managed = new ManagedProcess(spec, { logger: this.#logger, onFatal });
    this.#running.push(managed);
    managed.start();
  }

  async #startNats(): Promise<void> {
    const { config, dir } = this.#options;
    if (config.nats !== undefined) return;
    const { spec, url, credentialsDir } = await planNats(dir);
    this.#run(spec);
    this.#env['OTEDAMA_NATS_SERVERS'] = url;
    this.#env['OTEDAMA_NATS_CREDENTIALS_DIR'] = credentialsDir;
    // Its first moment is no loss to be told of.
    await untilReady(spec.health);
    const nats = { servers: [url], credentialsDir, tls: undefined, replicas: 1 } as const;
    await ensureFleetStreams(nats, { logger: this.#logger });
  }

  async #startRedis(): Promise<void> {
    const { config, dir } = this.#options;
    if (config.redis.url !== undefined) return;
    const { spec, urlFile } = await planRedis(dir);
    this.#run(spec);
    this.#env['OTEDAMA_REDIS_URL_FILE'] = urlFile;
  }

  async #startDatabase(): Promise<void> {
    const { config, dir } = this.#options;
    if (config.database.url !== undefined) return;
    const { managed, urlFile } = await startDatabase(dir, this.#logger);
    this.#running.push(managed);
    this.#env['OTEDAMA_DATABASE_URL_FILE'] = urlFile;
  }

  async #startPlayground(): Promise<void> {
    const { config, dir } = this.#options;
    if (!config.playground || config.pools[0]?.daemons.length !== 0) return;
    const { spec, url, passwordFile } = await planPlayground(dir);
    this.#run(spec);
    const addresses = playgroundAddresses(join(dir, 'playground/keys.json'), BITCOIN_PLAYGROUND);
    this.#env['OTEDAMA_PLAYGROUND_URL'] = url;
    this.#env['OTEDAMA_PLAYGROUND_PASSWORD_FILE'] = passwordFile;
    this.#env['OTEDAMA_PLAYGROUND_PAYOUT_ADDRESS'] = addresses.pool;
  }

  #rotateLogs(): void {
    for (const { plan } of this.#running) {
      try {
        rotateLog(plan.log);
      } catch (error) {
        this.#logger.warn({ error, process: plan.name }, 'its log is long and cannot be rotated');
      }
    }
  }

  /** Asks the system who they are only when another one runs: that is a hundred files each time. */
  async #write(): Promise<void> {
    const running = this.#running.map((managed) => `${managed.pid()}:${managed.restarts}`).join();
    if (running === this.#written) return;
    this.#written = running;
    const state = await this.state();
    // One that has begun later knows better.
    if (running === this.#written) writeState(this.#options.dir, state);
  }
}

const untilReady = async (health: HealthPlace): Promise<void> => {
  while (!(await askHealth(health)).isReady) await delay(READY_POLL_MS);
};

const entryOf = async (managed: Managed): Promise<FleetEntry> => {
  const pid = managed.pid();
  const identity = pid === undefined ? undefined : await identityOf(pid);
  const { name, group, ports, health, stopSignal, log } = managed.plan;
  return {
    name,
    group,
    ...(identity === undefined ? {} : { identity }),
    restarts: managed.restarts,
    ports,
    health,
    stopSignal,
    log,
  };
};
