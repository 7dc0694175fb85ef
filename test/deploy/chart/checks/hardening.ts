/**
 * The "restricted" Pod Security Standard, and what goes beyond it: a root file system that nobody writes, no token of
 * the cluster, a bound on memory, an image of one version, and no port that only root may open.
 */
import { type Container, type Manifest, type Workload, containersOf } from '../manifest.ts';

/** Of the images: docker/README.md. */
const USER = 10_001;
const LOWEST_PORT = 1_024;

const wrongOfContainer = ({ securityContext: security, resources, image, ports = [] }: Container) => ({
  'runs with more privileges than it needs':
    security?.privileged === true || security?.allowPrivilegeEscalation !== false,
  'may write its root file system': security?.readOnlyRootFilesystem !== true,
  'may run as root': security?.runAsNonRoot !== true,
  'keeps capabilities':
    security?.capabilities?.drop?.includes('ALL') !== true || (security.capabilities.add ?? []).length > 0,
  'requests nothing':
    resources?.requests?.['cpu'] === undefined || resources.requests['memory'] === undefined,
  'has no bound on its memory': resources?.limits?.['memory'] === undefined,
  'may be any version': !/(:[^/:@]+|@sha256:[0-9a-f]{64})$/.test(image) || image.endsWith(':latest'),
  'opens a port that only root may': ports.some(({ containerPort }) => containerPort < LOWEST_PORT),
});

const wrongOfPod = ({ spec }: Workload) => {
  const pod = spec.template.spec;
  const { securityContext: security, volumes = [] } = pod;
  return {
    'runs as root, or as anybody': security?.runAsNonRoot !== true || security.runAsUser !== USER,
    'cannot write its volumes': security?.fsGroup !== USER,
    'has no seccomp profile': security?.seccompProfile?.type !== 'RuntimeDefault',
    'has a token of the cluster': pod.automountServiceAccountToken !== false,
    'shares something of its host': pod.hostNetwork === true || pod.hostPID === true || pod.hostIPC === true,
    'reads the disk of its host': volumes.some(({ hostPath }) => hostPath !== undefined),
    'may fill the disk of its host': volumes.some(
      ({ emptyDir }) => emptyDir !== undefined && emptyDir.sizeLimit === undefined,
    ),
  };
};

const named = (what: string, wrong: Readonly<Record<string, boolean>>): string[] =>
  Object.entries(wrong)
    .filter(([, isSo]) => isSo)
    .map(([problem]) => `${what} ${problem}`);

export const checkHardening = ({ workloads }: Manifest): string[] =>
  workloads.flatMap((workload) => {
    const name = `${workload.kind} ${workload.metadata.name}`;
    return [
      ...named(name, wrongOfPod(workload)),
      ...containersOf(workload).flatMap((container) => named(name, wrongOfContainer(container))),
    ];
  });
