/** The services of a fleet on one machine: how many of each, on which ports, with which part of the configuration. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '@otedama/config';
import { NODE_FLAGS, type ServiceName, programPaths } from '@otedama/service-host';
import { freePort } from '../up/free-port.ts';
import type { ProcessSpec } from './managed-process.ts';
import type { FleetEntry, FleetState } from './state.ts';

export interface FleetSize {
  readonly gateways: number;
  readonly validators: number;
}

export interface ServicePlans {
  readonly specs: readonly ProcessSpec[];
  readonly stratum: FleetState['stratum'];
  readonly api: string | undefined;
}

export interface ServicePlanOptions extends FleetSize {
  readonly dir: string;
  readonly config: Config;
  /** As the operator gave it. */
  readonly configFile: string | undefined;
  /** Settings that every service needs, as variables. */
  readonly env: Readonly<Record<string, string>>;
}

/** Ports of the second gateway are so far from those of the first: room for the pools of one. */
const PORTS_PER_GATEWAY = 100;
/** Wrong configuration; see service-host. */
const USAGE_EXIT_CODE = 2;
/** Beyond the service's own deadline. */
const STOP_MARGIN_MS = 5_000;

const GROUP_OF: Readonly<Record<ServiceName, FleetEntry['group']>> = {
  'miner-agent': 'miner',
  'stratum-gateway': 'gateway',
  'share-validator': 'validator',
  'pool-accounting': 'books',
  'api-gateway': 'books',
};

/** Shares pass through the others. */
const GIVE_WAY: ReadonlySet<FleetEntry['group']> = new Set(['books', 'miner']);

const specOf = async (
  { dir, config, configFile, env }: ServicePlanOptions,
  service: ServiceName,
  name: string,
  own: Readonly<Record<string, string>> = {},
): Promise<ProcessSpec> => {
  const monitoring = await freePort();
  const dataDir = join(dir, 'services', name);
  mkdirSync(dataDir, { recursive: true });
  const script = programPaths().bundle(service);
  const address = `127.0.0.1:${monitoring}`;
  return {
    name,
    group: GROUP_OF[service],
    command: process.execPath,
    args: [...NODE_FLAGS, script, ...(configFile === undefined ? [] : ['--config', configFile])],
    env: {
      ...env,
      ...own,
      NODE_COMPILE_CACHE: join(script, '../.compile-cache'),
      OTEDAMA_SERVICE_INSTANCE: name,
      OTEDAMA_APP_DATA_DIR: dataDir,
      OTEDAMA_MONITORING_METRICS_ADDRESS: address,
      OTEDAMA_MONITORING_HEALTH_ADDRESS: address,
    },
    ports: { monitoring },
    health: { kind: 'http', url: `http://${address}/health/ready` },
    stopSignal: 'SIGTERM',
    stopDeadlineMs: config.service.drainMs + STOP_MARGIN_MS,
    log: join(dir, 'logs', `${name}.log`),
    givesWay: GIVE_WAY.has(GROUP_OF[service]),
    fatalExitCode: USAGE_EXIT_CODE,
  };
};

const shownHost = (host: string): string => {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return reachable.includes(':') ? `[${reachable}]` : reachable;
};

const gatewayName = (index: number): string => `stratum-gateway-${index + 1}`;

const portOf = ({ reusePort }: Config['stratum'], port: number, gateway: number): number =>
  reusePort ? port : port + gateway * PORTS_PER_GATEWAY;

const stratumUrls = ({ pools, stratum }: Config, gateways: number): FleetState['stratum'] =>
  Array.from({ length: gateways }, (_, index) =>
    pools.map(({ id, stratum: { listen, tls } }) => ({
      poolId: id,
      gateway: gatewayName(index),
      url: `${tls === undefined ? 'stratum+tcp' : 'stratum+ssl'}://${shownHost(listen.host)}:${portOf(stratum, listen.port, index)}`,
    })),
  ).flat();

/** Every gateway of the pool that our own devices mine on: they move on when theirs is away. */
const minerSettings = (
  { pools, mining }: Config,
  stratum: FleetState['stratum'],
): Readonly<Record<string, string>> => {
  const own = pools.find(({ coin }) => coin.algorithm === mining.algorithm)?.id;
  const urls = new Set(stratum.filter(({ poolId }) => poolId === own).map(({ url }) => url));
  return urls.size === 0 || mining.gateways.length > 0 ? {} : { OTEDAMA_MINING_GATEWAYS: [...urls].join() };
};

const planGateway = async (options: ServicePlanOptions, index: number): Promise<ProcessSpec> => {
  const { pools, stratum } = options.config;
  const offset = portOf(stratum, 0, index);
  const spec = await specOf(options, 'stratum-gateway', gatewayName(index), {
    OTEDAMA_STRATUM_PORT_OFFSET: String(offset),
  });
  const ports = Object.fromEntries(
    pools.map((pool) => [`stratum-${pool.id}`, pool.stratum.listen.port + offset]),
  );
  return { ...spec, ports: { ...spec.ports, ...ports } };
};

const times = <T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));

export const planServices = async (options: ServicePlanOptions): Promise<ServicePlans> => {
  const { config, gateways, validators } = options;
  const count = config.stratum.enabled ? gateways : 0;
  const stratum = stratumUrls(config, count);
  const specs = [
    ...(await times(validators, (index) =>
      specOf(options, 'share-validator', `share-validator-${index + 1}`),
    )),
    ...(await times(count, (index) => planGateway(options, index))),
    await specOf(options, 'pool-accounting', 'pool-accounting'),
    await specOf(options, 'miner-agent', 'miner-agent', minerSettings(config, stratum)),
  ];
  const { listen, tls, enabled } = config.api;
  if (!enabled) return { specs, stratum, api: undefined };
  const api = await specOf(options, 'api-gateway', 'api-gateway');
  return {
    specs: [...specs, { ...api, ports: { ...api.ports, api: listen.port } }],
    stratum,
    api: `${tls === undefined ? 'http' : 'https'}://${shownHost(listen.host)}:${listen.port}`,
  };
};
