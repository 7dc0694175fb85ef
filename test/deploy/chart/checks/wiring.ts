/** That what selects selects something, and just that; and that every port that is named is one of a container. */
import type { KubernetesObject } from '../helm.ts';
import { type Manifest, type Selector, type Service, type Workload, matches, portOf } from '../manifest.ts';

interface Autoscaler extends KubernetesObject {
  readonly spec: {
    readonly scaleTargetRef: { readonly kind: string; readonly name: string };
    readonly minReplicas: number;
    readonly maxReplicas: number;
  };
}

interface DisruptionBudget extends KubernetesObject {
  readonly spec: {
    readonly selector: Selector;
    readonly maxUnavailable?: number | string;
    readonly minAvailable?: number | string;
  };
}

interface ServiceMonitor extends KubernetesObject {
  readonly spec: {
    readonly selector: Selector;
    readonly endpoints: readonly { readonly port: string; readonly path: string }[];
  };
}

const nameOf = ({ kind, metadata }: KubernetesObject): string => `${kind} ${metadata.name}`;

/** Its own pods and no others: else two would adopt each other's, or count them. */
const selectsOnly = (manifest: Manifest, of: KubernetesObject, selector: Selector | undefined): string[] => {
  const selected = manifest.selectedBy(selector);
  return selected.length === 1 ? [] : [`${nameOf(of)} selects ${selected.length} workloads`];
};

const checkWorkload = (manifest: Manifest, workload: Workload): string[] => {
  if (workload.kind === 'Job') return [];
  const { selector, serviceName, template } = workload.spec;
  const labels = template.metadata.labels;
  const problems = selectsOnly(manifest, workload, selector);
  if (!matches(selector, labels)) problems.push(`${nameOf(workload)} does not select its own pods`);
  for (const { labelSelector } of template.spec.topologySpreadConstraints ?? [])
    if (!matches(labelSelector, labels))
      problems.push(`${nameOf(workload)} spreads pods that it does not have`);
  if (serviceName !== undefined && manifest.find('Service', serviceName) === undefined)
    problems.push(`${nameOf(workload)}: Service ${serviceName} is not there`);
  return problems;
};

const checkProbes = (workload: Workload): string[] =>
  workload.spec.template.spec.containers.flatMap((container) => {
    if (workload.kind === 'Job') return [];
    const probes = {
      '/health/startup': container.startupProbe,
      '/health/live': container.livenessProbe,
      '/health/ready': container.readinessProbe,
    };
    return Object.entries(probes).flatMap(([path, probe]) => {
      const port = portOf(workload, probe?.httpGet?.port ?? '');
      const isRight = probe?.httpGet?.path === path && port !== undefined;
      return isRight ? [] : [`${nameOf(workload)}: no probe asks ${path} at a port that there is`];
    });
  });

const checkService = (manifest: Manifest, service: Service): string[] => {
  const [workload, ...others] = manifest.selectedBy(service.spec.selector);
  if (workload === undefined || others.length > 0)
    return [`${nameOf(service)} selects ${workload === undefined ? 'nothing' : 'several workloads'}`];
  return service.spec.ports
    .filter(({ targetPort }) => portOf(workload, targetPort) === undefined)
    .map(({ targetPort }) => `${nameOf(service)}: ${nameOf(workload)} has no port ${targetPort}`);
};

const checkAutoscaler = (manifest: Manifest, autoscaler: Autoscaler): string[] => {
  const { scaleTargetRef, minReplicas, maxReplicas } = autoscaler.spec;
  const target = manifest.find<Workload>(scaleTargetRef.kind, scaleTargetRef.name);
  if (target === undefined) return [`${nameOf(autoscaler)} scales nothing`];
  const problems = [];
  // An upgrade would set it back each time.
  if (target.spec.replicas !== undefined) problems.push(`${nameOf(target)} has replicas, and an autoscaler`);
  if (minReplicas >= maxReplicas) problems.push(`${nameOf(autoscaler)} has no room`);
  return problems;
};

const checkBudget = (manifest: Manifest, budget: DisruptionBudget): string[] => {
  const { selector, maxUnavailable, minAvailable } = budget.spec;
  const problems = selectsOnly(manifest, budget, selector);
  // A node with such a pod could never be drained.
  if (maxUnavailable === 0 || maxUnavailable === '0%' || minAvailable === '100%')
    problems.push(`${nameOf(budget)} lets nothing be moved`);
  return problems;
};

const checkMonitor = (manifest: Manifest, monitor: ServiceMonitor): string[] => {
  const services = manifest
    .of<Service>('Service')
    .filter(({ metadata }) => matches(monitor.spec.selector, metadata.labels ?? {}));
  if (services.length !== 1) return [`${nameOf(monitor)} finds ${services.length} Services`];
  return monitor.spec.endpoints
    .filter(({ port }) => services[0]?.spec.ports.every(({ name }) => name !== port))
    .map(({ port }) => `${nameOf(monitor)}: its Service has no port ${port}`);
};

const checkNames = (manifest: Manifest): string[] => {
  const names = manifest.objects.map(nameOf);
  return names.flatMap((name, index) => {
    const problems = names.indexOf(name) === index ? [] : [`${name} is there twice`];
    const bare = name.split(' ')[1] ?? '';
    if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(bare)) problems.push(`${name}: no name for a host`);
    return problems;
  });
};

export const checkWiring = (manifest: Manifest): string[] => [
  ...checkNames(manifest),
  ...manifest.workloads.flatMap((workload) => [
    ...checkWorkload(manifest, workload),
    ...checkProbes(workload),
  ]),
  ...manifest.of<Service>('Service').flatMap((service) => checkService(manifest, service)),
  ...manifest.of<Autoscaler>('HorizontalPodAutoscaler').flatMap((one) => checkAutoscaler(manifest, one)),
  ...manifest.of<DisruptionBudget>('PodDisruptionBudget').flatMap((budget) => checkBudget(manifest, budget)),
  ...manifest.of<ServiceMonitor>('ServiceMonitor').flatMap((monitor) => checkMonitor(manifest, monitor)),
];
