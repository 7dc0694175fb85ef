/**
 * The files that a pod of the chart sees, laid out below a folder: what its ConfigMap holds, and for each Secret that it
 * mounts texts of the kind that the key promises. What a pod does not mount is not there.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { REPOSITORY } from '@otedama/test-harness';
import type { KubernetesObject } from './helm.ts';

interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string;
}

interface Volume {
  readonly name: string;
  readonly configMap?: { readonly name: string };
  readonly secret?: { readonly secretName: string; readonly items?: readonly { readonly path: string }[] };
}

interface Workload extends KubernetesObject {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly args: readonly string[];
          readonly volumeMounts: readonly Mount[];
        }[];
        readonly volumes: readonly Volume[];
      };
    };
  };
}

export interface PodProgram {
  /** As the label has it. */
  readonly service: string;
  /** Of its container, with the folder in front of every absolute path. */
  readonly args: readonly string[];
}

const CONFIG_FOLDER = '/etc/otedama';

/** The key that the world knows: of the wallet whose address the sets of values use. */
const VIEW_KEY = 'f359631075708155cc3d92a32b75a7d02a5dcf27756707b47a2b31b21c389501';

/** What is in the Secret behind a path below the configuration's folder. */
export type Contents = (path: string) => string;

/** Keys and certificates are real ones, made by the command that operators use. */
export const secretContents = (folder: string): Contents => {
  const command = join(REPOSITORY, 'apps/cli/dist/otedama.cjs');
  const made = join(folder, 'credentials');
  execFileSync(process.execPath, [command, 'fleet', 'credentials', '--out', made, '--tls']);
  const read = (file: string): string => readFileSync(join(made, file), 'utf8');
  const texts: readonly (readonly [RegExp, (path: string) => string])[] = [
    [/^nats\//, (path) => read(path.slice('nats/'.length))],
    [/^database\/url$/, () => 'postgres://otedama@localhost:1/otedama'],
    [/^redis\/url$/, () => 'redis://localhost:1'],
    [/\.crt$/, () => read('server.pem')],
    [/^(?:tls|nats-tls)\/tls\.key$/, () => read('server.key')],
    [/^secrets\/traces\//, () => 'authorization: Bearer of-the-collector'],
    [/^secrets\/.*view/, () => VIEW_KEY],
  ];
  return (path) =>
    texts.find(([pattern]) => pattern.test(path))?.[1](path) ?? 'a secret of thirty-two characters';
};

const SERVICES = new Set(['Deployment', 'StatefulSet']);

/** The pod that a CronJob makes. */
export const podOf = (object: KubernetesObject): Workload => {
  const { spec } = object as KubernetesObject & {
    readonly spec: { readonly jobTemplate: Pick<Workload, 'spec'> };
  };
  return { ...object, spec: spec.jobTemplate.spec };
};

export const workloads = (objects: readonly KubernetesObject[]): Workload[] =>
  objects.filter((object): object is Workload => SERVICES.has(object.kind));

/** Files of a Secret that is mounted whole are those that the configuration names there. */
const namedBelow = (mountPath: string, text: string): string[] =>
  [...text.matchAll(/_file": "([^"]+)"/g)].flatMap(([, path = '']) =>
    path.startsWith(`${mountPath}/`) ? [path.slice(mountPath.length + 1)] : [],
  );

/** Writes them; absolute paths within the configuration lead below the folder as well. */
export const layOut = (
  workload: Workload,
  objects: readonly KubernetesObject[],
  { folder, contents }: { readonly folder: string; readonly contents: Contents },
): PodProgram => {
  const { containers, volumes } = workload.spec.template.spec;
  const [container] = containers;
  const write = (path: string, text: string): void => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const map = volumes.find(({ name }) => name === 'config')?.configMap?.name;
  const config = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === map);
  const text = (config as { data?: Record<string, string> } | undefined)?.data?.['otedama.yaml'] ?? '';
  write(`${CONFIG_FOLDER}/otedama.yaml`, text.replaceAll(`${CONFIG_FOLDER}/`, `${folder}${CONFIG_FOLDER}/`));
  for (const { name, mountPath } of container?.volumeMounts ?? []) {
    const secret = volumes.find((volume) => volume.name === name)?.secret;
    if (secret === undefined) continue;
    const files = secret.items?.map(({ path }) => path) ?? namedBelow(mountPath, text);
    for (const file of files) {
      const path = `${mountPath}/${file}`;
      write(path, contents(path.slice(CONFIG_FOLDER.length + 1)));
    }
  }
  const args = (container?.args ?? []).map((word) => (word.startsWith('/') ? join(folder, word) : word));
  return {
    service: workload.metadata.labels?.['app.kubernetes.io/component'] ?? '',
    args,
  };
};
