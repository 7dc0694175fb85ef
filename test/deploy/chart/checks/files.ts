/**
 * That whatever a pod is given exists, and is used: its ConfigMap and ServiceAccount, its volumes, and of Secrets nothing
 * but what its configuration names. That it is given enough shows when it is started (pods.ts).
 */
import { type ConfigMap, type Manifest, type Workload, containersOf } from '../manifest.ts';

export const CONFIG_FOLDER = '/etc/otedama/';

/** The configuration of the program, as the pod will read it. */
export const configurationOf = (manifest: Manifest, { spec }: Workload): string | undefined => {
  const name = spec.template.spec.volumes?.find(({ configMap }) => configMap !== undefined)?.configMap?.name;
  return name === undefined ? undefined : manifest.find<ConfigMap>('ConfigMap', name)?.data['otedama.yaml'];
};

/** Files and folders of our configuration that it names. */
export const filesOf = (configuration: string): string[] =>
  [...configuration.matchAll(/(?<=[\s"'])\/etc\/otedama\/[^\s"',}\]]+/g)].map(([path]) => path);

const checkMounts = (workload: Workload): string[] => {
  const { template, volumeClaimTemplates = [] } = workload.spec;
  const volumes = new Set([
    ...(template.spec.volumes ?? []).map(({ name }) => name),
    ...volumeClaimTemplates.map(({ metadata }) => metadata.name),
  ]);
  const mounts = containersOf(workload).flatMap(({ volumeMounts = [] }) => volumeMounts);
  const used = new Set(mounts.map(({ name }) => name));
  const places = mounts.map(({ mountPath }) => mountPath);
  return [
    ...mounts.filter(({ name }) => !volumes.has(name)).map(({ name }) => `volume ${name} is not there`),
    ...[...volumes].filter((name) => !used.has(name)).map((name) => `volume ${name} is not mounted`),
    ...places
      .filter((path, index) => places.indexOf(path) !== index)
      .map((path) => `${path} is mounted twice`),
    // What is configured, and secrets above all, is not for the program to change.
    ...mounts
      .filter(({ mountPath, readOnly }) => mountPath.startsWith(CONFIG_FOLDER) && readOnly !== true)
      .map(({ mountPath }) => `${mountPath} may be written`),
  ];
};

const checkReferences = (manifest: Manifest, { spec }: Workload): string[] => {
  const { serviceAccountName = 'default', volumes = [] } = spec.template.spec;
  const problems = volumes
    .flatMap(({ configMap }) => configMap?.name ?? [])
    .filter((name) => manifest.find('ConfigMap', name) === undefined)
    .map((name) => `ConfigMap ${name} is not there`);
  if (manifest.find('ServiceAccount', serviceAccountName) === undefined)
    problems.push(`ServiceAccount ${serviceAccountName} is not there`);
  return problems;
};

/** One key of a pod for each Secret that its configuration names, and no other: what it holds, a break-in has. */
const checkSecrets = (manifest: Manifest, workload: Workload): string[] => {
  const files = filesOf(configurationOf(manifest, workload) ?? '');
  const { containers, volumes = [] } = workload.spec.template.spec;
  return containers
    .flatMap(({ volumeMounts = [] }) => volumeMounts)
    .filter(({ name }) => volumes.find((volume) => volume.name === name)?.secret !== undefined)
    .filter(({ mountPath }) => !files.some((file) => file === mountPath || file.startsWith(`${mountPath}/`)))
    .map(({ mountPath }) => `${mountPath} is mounted, and nothing of it is configured`);
};

export const checkFiles = (manifest: Manifest): string[] =>
  manifest.workloads.flatMap((workload) =>
    [
      ...checkMounts(workload),
      ...checkReferences(manifest, workload),
      ...checkSecrets(manifest, workload),
    ].map((problem) => `${workload.kind} ${workload.metadata.name}: ${problem}`),
  );
