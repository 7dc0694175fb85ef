/**
 * `otedama fleet up|down|status`: the whole fleet on this machine, each service a process of its own; and
 * `credentials`, `streams`: what the servers of a fleet on many machines need.
 */
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createLogger } from '@otedama/observability';
import { configOf } from '../configuration.ts';
import { CommandFailure, explain, usage } from '../failure.ts';
import { hasCredentials, writeCredentials } from '../fleet/credentials.ts';
import { endLeftovers } from '../fleet/leftovers.ts';
import { describeFleet, reportFleet } from '../fleet/report.ts';
import { type FleetState, isRunning, readState, removeState, signalIdentity } from '../fleet/state.ts';
import { ensureFleetStreams } from '../fleet/streams.ts';
import { Fleet } from '../fleet/supervisor.ts';
import { defaultDataDir } from '../run-file.ts';
import { untilSignal } from '../until-signal.ts';

const MAX_OF_A_KIND = 32;
const POLL_MS = 100;
/** Every group may use its time. */
const DOWN_DEADLINE_MS = 180_000;
const STREAMS_DEADLINE_MS = 30_000;

const options = {
  config: { type: 'string' },
  'data-dir': { type: 'string' },
  gateways: { type: 'string' },
  validators: { type: 'string' },
  json: { type: 'boolean' },
  out: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  store: { type: 'string' },
  tls: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parse>;

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options }).values;

const directoryOf = (values: Values): string =>
  values['data-dir'] === undefined ? join(defaultDataDir(), 'fleet') : resolve(values['data-dir']);

const count = (text: string | undefined, name: string): number => {
  const value = Number(text ?? 2);
  if (Number.isInteger(value) && value >= 1 && value <= MAX_OF_A_KIND) return value;
  throw usage(`fleet: --${name} must be a whole number from 1 to ${MAX_OF_A_KIND}`);
};

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const run = async (fleet: Fleet, asked: Promise<void>): Promise<void> => {
  const ended = await fleet.start();
  if (ended.length > 0) print(`ended what an earlier fleet had left: ${ended.join(', ')}`);
  const stopped = Symbol('stopped');
  const ready = await Promise.race([fleet.ready(), asked.then(() => stopped)]);
  if (typeof ready === 'symbol') return;
  print(describeFleet(await reportFleet(ready)));
  await Promise.race([asked, fleet.failed]);
};

const up = async (values: Values): Promise<void> => {
  const asked = untilSignal();
  const dir = directoryOf(values);
  const config = configOf(values.config, dir);
  const size = {
    gateways: count(values.gateways, 'gateways'),
    validators: count(values.validators, 'validators'),
  };
  const configFile = values.config === undefined ? undefined : resolve(values.config);
  const logger = createLogger({ level: config.app.logLevel, name: 'fleet' });
  const fleet = new Fleet({ dir, config, configFile, ...size }, logger);
  try {
    await run(fleet, asked);
  } catch (error) {
    await fleet.stop();
    throw explain(error);
  }
  print('stopping: finishing shares and transactions');
  await fleet.stop();
  print('stopped');
};

const stateIn = (dir: string): FleetState => {
  const state = readState(dir);
  if (state === undefined)
    throw new CommandFailure(`no fleet runs in ${dir}. Start one with './otedama fleet up'.`);
  return state;
};

const down = async (values: Values): Promise<void> => {
  const dir = directoryOf(values);
  const state = stateIn(dir);
  if (!(await signalIdentity(state.supervisor, 'SIGTERM'))) {
    const ended = await endLeftovers(state);
    removeState(dir);
    print(`its supervisor was gone; ended ${ended.length === 0 ? 'nothing' : ended.join(', ')}`);
    return;
  }
  const deadline = performance.now() + DOWN_DEADLINE_MS;
  while (await isRunning(state.supervisor)) {
    if (performance.now() > deadline) throw new CommandFailure('the fleet does not end; see its logs');
    await delay(POLL_MS);
  }
  print('stopped');
};

const status = async (values: Values): Promise<void> => {
  const report = await reportFleet(stateIn(directoryOf(values)));
  print(values.json === true ? JSON.stringify(report) : describeFleet(report));
};

const NATS_PORT = '4222';
const MAX_PORT = 65_535;

/** Keys, the servers' configuration, and with --tls certificates for the names in --host. */
const credentials = async (values: Values): Promise<void> => {
  if (values.out === undefined)
    throw usage('fleet: credentials --out DIR [--host NAMES] [--port P] [--store DIR] [--tls]');
  const dir = resolve(values.out);
  if (hasCredentials(dir))
    throw new CommandFailure(`${dir} holds credentials already; move them away for new ones`);
  const port = Number(values.port ?? NATS_PORT);
  if (!Number.isInteger(port) || port < 1 || port > MAX_PORT) throw usage('fleet: --port must be a port');
  const names = (values.host ?? '127.0.0.1').split(',');
  writeCredentials({
    dir,
    // One address is listened on; several are those of several servers.
    server: {
      host: names.length === 1 ? (names[0] ?? '') : '0.0.0.0',
      port,
      storeDir: resolve(values.store ?? 'nats'),
    },
    ...(values.tls === true ? { tlsNames: names } : {}),
  });
  print(`wrote the keys of the services and nats-server.conf to ${dir}`);
  print(`start each server with: nats-server -c ${join(dir, 'nats-server.conf')}`);
  print(`then once: otedama fleet streams --config FILE, with nats.credentials_dir: ${dir}`);
};

/** Makes the streams of a fleet or brings them to what this version wants. */
const streams = async (values: Values): Promise<void> => {
  const { nats, app } = configOf(values.config, directoryOf(values), ['nats']);
  if (nats === undefined) throw new CommandFailure('nats.servers is not configured', 2);
  const logger = createLogger({ level: app.logLevel, name: 'fleet' });
  const signal = AbortSignal.timeout(STREAMS_DEADLINE_MS);
  await ensureFleetStreams(nats, { logger, signal });
  print(`the streams are there, ${nats.replicas === 1 ? 'one copy' : '3 copies'} of each`);
};

const actions: Readonly<Record<string, (values: Values) => Promise<void>>> = {
  up,
  down,
  status,
  credentials,
  streams,
};

export const fleetCommand = async ([word = '', ...rest]: readonly string[]): Promise<void> => {
  const action = Object.hasOwn(actions, word) ? actions[word] : undefined;
  if (action === undefined) throw usage('fleet: up, down, status, credentials or streams');
  await action(parse(rest));
};
