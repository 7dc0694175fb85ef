/** The servers that a fleet of one machine brings along: nats-server, Redis, and a playground node. */
import { randomBytes } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { programPaths } from '@otedama/service-host';
import { CommandFailure } from '../failure.ts';
import { freePort } from '../up/free-port.ts';
import { writeCredentials } from './credentials.ts';
import type { ProcessSpec } from './managed-process.ts';

const SECRET_BYTES = 24;
/** Where Debian keeps servers; not on the PATH of everybody. */
const SERVER_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin'];
const SERVER_STOP_MS = 15_000;

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const programOf = (name: string, setting: string): string => {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SERVER_FOLDERS];
  const found = folders.map((folder) => join(folder, name)).find(isProgram);
  if (found !== undefined) return found;
  throw new CommandFailure(
    `${name} is not on the PATH. On Debian or Ubuntu: apt-get install ${name}\n` +
      `Or name a server that runs already: ${setting}`,
  );
};

/** The same secret at the next start: whoever still runs keeps its access. */
const secretIn = (file: string): string => {
  if (!existsSync(file)) {
    writeFileSync(file, `${randomBytes(SECRET_BYTES).toString('hex')}\n`, { mode: 0o600 });
  }
  return readFileSync(file, 'utf8').trim();
};

export interface NatsPlan {
  readonly spec: ProcessSpec;
  readonly url: string;
  /** Holds the seed of each service. */
  readonly credentialsDir: string;
}

/** With new keys: whoever had the old ones was ended before. */
export const planNats = async (dir: string): Promise<NatsPlan> => {
  const command = programOf('nats-server', 'nats.servers');
  const home = join(dir, 'nats');
  const [port, http] = [await freePort(), await freePort()];
  writeCredentials({
    dir: home,
    server: { host: '127.0.0.1', port, storeDir: join(home, 'data') },
    serverLines: `http: "127.0.0.1:${http}"\n`,
  });
  const spec: ProcessSpec = {
    name: 'nats',
    group: 'nats',
    command,
    args: ['-c', join(home, 'nats-server.conf')],
    env: {},
    ports: { nats: port, http },
    health: { kind: 'http', url: `http://127.0.0.1:${http}/healthz` },
    stopSignal: 'SIGTERM',
    stopDeadlineMs: SERVER_STOP_MS,
    log: join(dir, 'logs/nats.log'),
  };
  return { spec, url: `nats://127.0.0.1:${port}`, credentialsDir: home };
};

export interface RedisPlan {
  readonly spec: ProcessSpec;
  /** Holds the URL with the password. */
  readonly urlFile: string;
}

/** Nothing on disk: what is in it may be lost at any time. */
export const planRedis = async (dir: string): Promise<RedisPlan> => {
  const command = programOf('redis-server', 'redis.url');
  const home = join(dir, 'redis');
  mkdirSync(home, { recursive: true });
  const port = await freePort();
  const password = secretIn(join(home, 'password'));
  const file = join(home, 'redis.conf');
  const settings = `bind 127.0.0.1
port ${port}
requirepass ${password}
dir ${JSON.stringify(home)}
save ""
appendonly no
`;
  writeFileSync(file, settings, { mode: 0o600 });
  const urlFile = join(home, 'url');
  writeFileSync(urlFile, `redis://:${password}@127.0.0.1:${port}\n`, { mode: 0o600 });
  const spec: ProcessSpec = {
    name: 'redis',
    group: 'redis',
    command,
    args: [file],
    env: {},
    ports: { redis: port },
    health: { kind: 'port', port },
    stopSignal: 'SIGTERM',
    stopDeadlineMs: SERVER_STOP_MS,
    log: join(dir, 'logs/redis.log'),
  };
  return { spec, urlFile };
};

export interface PlaygroundPlan {
  readonly spec: ProcessSpec;
  readonly url: string;
  readonly passwordFile: string;
}

export const planPlayground = async (dir: string): Promise<PlaygroundPlan> => {
  const home = join(dir, 'playground');
  mkdirSync(home, { recursive: true });
  const port = await freePort();
  const passwordFile = join(home, 'password');
  const password = secretIn(passwordFile);
  const spec: ProcessSpec = {
    name: 'playground',
    group: 'chain',
    command: process.execPath,
    args: [
      '--no-warnings',
      programPaths().playground,
      '--data-dir',
      join(home, 'chain'),
      '--rpc-port',
      String(port),
      '--api-key',
      password,
    ],
    env: {},
    holdsInput: true,
    ports: { rpc: port },
    health: { kind: 'port', port },
    stopSignal: 'SIGTERM',
    stopDeadlineMs: SERVER_STOP_MS,
    log: join(dir, 'logs/playground.log'),
  };
  return { spec, url: `http://127.0.0.1:${port}`, passwordFile };
};
