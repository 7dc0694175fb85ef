/** The built program, started as an operator starts it, in a scratch directory on free ports. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Status, statusSchema } from '@otedama/contracts';
import { NODE_FLAGS } from '@otedama/service-host/node-flags';
import { REPOSITORY, freePort } from './places.ts';
import { TestProcess } from './process.ts';

const PROGRAM = join(REPOSITORY, 'apps/cli/dist/otedama.cjs');

export interface OtedamaOptions {
  readonly dataDir: string;
  /** YAML without the section `api`; `PORT` in it stands for the stratum port. */
  readonly config?: string;
  /** Of the section `api` beside the address, in YAML's flow style. */
  readonly apiSettings?: string;
  /** Keep the ports of an earlier run. */
  readonly ports?: Ports;
  /** A command that it is started through, such as taskset. */
  readonly through?: readonly string[];
}

export interface Ports {
  readonly api: number;
  readonly stratum: number;
}

/** Started, and perhaps not ready yet. */
export interface LaunchedOtedama {
  readonly process: TestProcess;
  readonly ports: Ports;
  readonly api: string;
  status(): Promise<Status>;
  get<T>(path: string): Promise<T>;
  stop(): Promise<void>;
  /** Until it says so itself; fails when it ends before. */
  ready(): Promise<void>;
}

export type Otedama = LaunchedOtedama;

export const choosePorts = async (): Promise<Ports> => ({ api: await freePort(), stratum: await freePort() });

const configText = (
  { config = PLAYGROUND_CONFIG, apiSettings = 'rate_limit: 1000/s' }: OtedamaOptions,
  ports: Ports,
): string =>
  `api: {address: '127.0.0.1:${ports.api}', ${apiSettings}}\n${config.replaceAll('PORT', String(ports.stratum))}`;

export const PLAYGROUND_CONFIG = "pool: {address: '127.0.0.1:PORT'}\n";

export const launchOtedama = async (options: OtedamaOptions): Promise<LaunchedOtedama> => {
  const ports = options.ports ?? (await choosePorts());
  const file = join(options.dataDir, 'otedama.yaml');
  writeFileSync(file, configText(options, ports));
  const program = [process.execPath, ...NODE_FLAGS, PROGRAM];
  const args = ['up', '--config', file, '--data-dir', join(options.dataDir, 'data')];
  const [command = '', ...rest] = [...(options.through ?? []), ...program, ...args];
  const child = new TestProcess('otedama', command, rest);
  const api = `http://127.0.0.1:${ports.api}`;
  const get = async <T>(path: string): Promise<T> => {
    const response = await fetch(api + path);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const status = async (): Promise<Status> => statusSchema.parse(await get('/api/status'));
  const ready = async (): Promise<void> => {
    await child.until('ready', async () => {
      const health = await fetch(`${api}/health/ready`).catch(() => undefined);
      return health?.ok === true ? true : undefined;
    });
  };
  return { process: child, ports, api, status, get, stop: () => child.stop(), ready };
};

export const startOtedama = async (options: OtedamaOptions): Promise<Otedama> => {
  const otedama = await launchOtedama(options);
  await otedama.ready();
  return otedama;
};

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command of otedama, to its end. */
export const runOtedama = (words: readonly string[], input = ''): Ran =>
  spawnSync(process.execPath, [...NODE_FLAGS, PROGRAM, ...words], { encoding: 'utf8', input });

/** On the configuration and the data of the otedama of that directory, whether it runs or not. */
export const runBeside = (dataDir: string, words: readonly string[], input = ''): Ran =>
  runOtedama(
    [...words, '--config', join(dataDir, 'otedama.yaml'), '--data-dir', join(dataDir, 'data')],
    input,
  );
