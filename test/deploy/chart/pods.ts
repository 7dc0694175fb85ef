/**
 * The container of a pod as its kubelet would start it, but without a container: the built program with the arguments,
 * the configuration and the files that the chart gives it, and nothing more. All servers that the configuration names
 * are moved to this machine, where none listens: what is shown is that the program takes what it is given, and that the
 * probes are answered.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { REPOSITORY, TestProcess, freePort } from '@otedama/test-harness';
import { CONFIG_FOLDER, configurationOf, filesOf } from './checks/files.ts';
import { type Container, type Manifest, type Workload, componentOf } from './manifest.ts';

const CLI = join(REPOSITORY, 'apps/cli/dist/otedama.cjs');
const DATA_FOLDER = '/var/lib/otedama';
/** What a Secret would hold, by its file; anything else is a password. */
const TEXTS: readonly [RegExp, string][] = [
  [/\/database\//, 'postgres://otedama:secret@127.0.0.1:9/otedama'],
  [/\/redis\//, 'redis://:secret@127.0.0.1:9/0'],
  [/\/etc-key\//, '11'.repeat(32)],
  // Of the address in values/many-pools.yaml.
  [/\/xmr-view\//, '49774391fa5e8d249fc2c5b45dadef13534bf2483dede880dac88f061e809100'],
  [/\/traces\//, 'authorization: Bearer secret'],
];
const CREDENTIALS: readonly [RegExp, string][] = [
  [/\/ca\.crt$/, 'ca.pem'],
  [/\/tls\.crt$/, 'server.pem'],
  [/\/tls\.key$/, 'server.key'],
];

/** Keys and certificates as an operator makes them. */
export const makeCredentials = (folder: string, more: readonly string[] = []): void => {
  const args = ['fleet', 'credentials', '--out', folder, '--tls', '--host', '127.0.0.1', ...more];
  execFileSync(process.execPath, ['--no-warnings', CLI, ...args], { stdio: 'pipe' });
};

/** Where there are servers: how to reach them, and the folder with the keys that they know. */
export interface Servers {
  readonly texts: readonly [RegExp, string][];
  readonly credentials: string;
}

const find = (table: readonly [RegExp, string][], file: string): string | undefined =>
  table.find(([pattern]) => pattern.test(file))?.[1];

export class Kubelet {
  readonly #folder: string;
  readonly #credentials: string;
  readonly #texts: readonly [RegExp, string][];
  #pods = 0;

  constructor(folder: string, servers?: Servers) {
    this.#folder = folder;
    this.#credentials = servers?.credentials ?? join(folder, 'credentials');
    this.#texts = [...(servers?.texts ?? []), ...TEXTS];
    if (servers === undefined) makeCredentials(this.#credentials);
  }

  /** Started and answering the startup probe; throws with what it said where it is not. */
  async start(manifest: Manifest, workload: Workload): Promise<{ process: TestProcess; port: number }> {
    const port = await freePort();
    const address = `127.0.0.1:${port}`;
    const component = componentOf(workload);
    const [program, args] = this.#prepare(manifest, workload);
    const api = await freePort();
    const process = new TestProcess(component, program[0], [...program.slice(1), ...args], {
      env: {
        OTEDAMA_SERVICE_INSTANCE: `${workload.metadata.name}-0`,
        OTEDAMA_MONITORING_METRICS_ADDRESS: address,
        OTEDAMA_MONITORING_HEALTH_ADDRESS: address,
        OTEDAMA_API_ADDRESS: `127.0.0.1:${api}`,
      },
    });
    await process.until('its startup probe', async () => {
      const answer = await fetch(`http://${address}/health/startup`).catch(() => undefined);
      return answer?.ok === true ? true : undefined;
    });
    return { process, port };
  }

  /** A Job: until it says what `expected` is, which without a server it waits for. */
  async run(manifest: Manifest, workload: Workload, expected: RegExp): Promise<void> {
    const [program, args] = this.#prepare(manifest, workload);
    await using process = new TestProcess(workload.metadata.name, program[0], [...program.slice(1), ...args]);
    await process.until(String(expected), async () => (expected.test(process.output) ? true : undefined));
  }

  /** A Job, until it has ended. */
  async complete(manifest: Manifest, workload: Workload): Promise<{ code: number | null; output: string }> {
    const [program, args] = this.#prepare(manifest, workload);
    await using process = new TestProcess(workload.metadata.name, program[0], [...program.slice(1), ...args]);
    const { code } = await process.exited;
    return { code, output: process.output };
  }

  #prepare(manifest: Manifest, workload: Workload): [[string, ...string[]], string[]] {
    this.#pods += 1;
    const root = join(this.#folder, `pod-${this.#pods}`);
    const place = (path: string): string => join(root, path);
    const configuration = configurationOf(manifest, workload) ?? '';
    const [container] = workload.spec.template.spec.containers;
    if (container === undefined) throw new Error(`${workload.metadata.name} has no container`);
    for (const file of this.#mounted(workload, container, filesOf(configuration))) {
      mkdirSync(dirname(place(file)), { recursive: true });
      this.#write(file, place(file));
    }
    mkdirSync(place(CONFIG_FOLDER), { recursive: true });
    mkdirSync(place(DATA_FOLDER), { recursive: true });
    const local = configuration
      .replaceAll(CONFIG_FOLDER, place(CONFIG_FOLDER))
      .replaceAll(/(:\/\/)[^:/"'\s,\]}]+/g, '$1127.0.0.1');
    writeFileSync(place(`${CONFIG_FOLDER}otedama.yaml`), local);
    const component = componentOf(workload);
    const program =
      workload.kind === 'Job' ? CLI : join(REPOSITORY, `apps/${component}/dist/${component}.cjs`);
    const args = (container.args ?? []).map((arg) => (arg.startsWith('/') ? place(arg) : arg));
    return [[process.execPath, '--no-warnings', program], args];
  }

  /** Files of Secrets by the items of their volumes; without items whatever the configuration names of them. */
  #mounted({ spec }: Workload, { volumeMounts = [] }: Container, configured: readonly string[]): string[] {
    return volumeMounts.flatMap(({ name, mountPath }) => {
      const secret = spec.template.spec.volumes?.find((volume) => volume.name === name)?.secret;
      if (secret === undefined) return [];
      const items = secret.items?.map(({ path }) => `${mountPath}/${path}`);
      return items ?? configured.filter((file) => file.startsWith(`${mountPath}/`));
    });
  }

  #write(file: string, path: string): void {
    const made = find(CREDENTIALS, file) ?? (file.endsWith('.nk') ? file.split('/').at(-1) : undefined);
    if (made === undefined)
      writeFileSync(path, find(this.#texts, file) ?? 'a-secret-that-is-long-enough-for-a-key');
    else copyFileSync(join(this.#credentials, made), path);
  }
}
