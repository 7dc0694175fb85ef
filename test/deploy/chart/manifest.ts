/** Rendered objects as the checks read them: only what they look at, after the schemas have judged the rest. */
import type { KubernetesObject } from './helm.ts';

export type Labels = Readonly<Record<string, string>>;

export interface Selector {
  readonly matchLabels?: Labels;
}

export interface KeyItem {
  readonly key: string;
  readonly path: string;
}

export interface Volume {
  readonly name: string;
  readonly configMap?: { readonly name: string };
  readonly secret?: { readonly secretName: string; readonly items?: readonly KeyItem[] };
  readonly emptyDir?: { readonly sizeLimit?: string };
  readonly hostPath?: object;
}

export interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string | number };
}

export interface SecurityContext {
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly fsGroup?: number;
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly seccompProfile?: { readonly type: string };
  readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts?: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly subPath?: string;
    readonly readOnly?: boolean;
  }[];
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly lifecycle?: { readonly preStop?: { readonly sleep?: { readonly seconds: number } } };
  readonly resources?: { readonly requests?: Labels; readonly limits?: Labels };
  readonly securityContext?: SecurityContext;
}

export interface PodSpec {
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly securityContext?: SecurityContext;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
  readonly topologySpreadConstraints?: readonly { readonly labelSelector: Selector }[];
}

/** Deployment, StatefulSet or Job, also one that a CronJob makes. */
export interface Workload extends KubernetesObject {
  readonly spec: {
    readonly replicas?: number;
    readonly serviceName?: string;
    readonly selector?: Selector;
    readonly template: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec };
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
  };
}

interface CronJob extends KubernetesObject {
  readonly spec: { readonly jobTemplate: Pick<Workload, 'spec'> };
}

export interface Service extends KubernetesObject {
  readonly spec: {
    readonly type?: string;
    readonly selector: Labels;
    readonly externalTrafficPolicy?: string;
    readonly ports: readonly {
      readonly name: string;
      readonly port: number;
      readonly targetPort: string | number;
    }[];
  };
}

export interface ConfigMap extends KubernetesObject {
  readonly data: Readonly<Record<string, string>>;
}

export interface NetworkPeer {
  readonly namespaceSelector?: Selector;
  readonly podSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string };
}

export interface NetworkRule {
  readonly ports?: readonly { readonly protocol: string; readonly port: string | number }[];
  readonly to?: readonly NetworkPeer[];
  readonly from?: readonly NetworkPeer[];
}

export interface NetworkPolicy extends KubernetesObject {
  readonly spec: {
    readonly podSelector: Selector;
    readonly policyTypes: readonly string[];
    readonly ingress?: readonly NetworkRule[];
    readonly egress?: readonly NetworkRule[];
  };
}

export const matches = (selector: Selector | Labels | undefined, labels: Labels): boolean => {
  const wanted = (selector as Selector | undefined)?.matchLabels ?? (selector as Labels | undefined) ?? {};
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
};

const COMPONENT = 'app.kubernetes.io/component';

export class Manifest {
  readonly objects: readonly KubernetesObject[];

  constructor(objects: readonly KubernetesObject[]) {
    this.objects = objects;
  }

  of<T extends KubernetesObject>(...kinds: readonly string[]): T[] {
    return this.objects.filter(({ kind }) => kinds.includes(kind)) as T[];
  }

  find<T extends KubernetesObject>(kind: string, name: string): T | undefined {
    return this.of<T>(kind).find(({ metadata }) => metadata.name === name);
  }

  get workloads(): Workload[] {
    return [...this.of<Workload>('Deployment', 'StatefulSet'), ...this.jobs];
  }

  get jobs(): Workload[] {
    const made = this.of<CronJob>('CronJob').map((job) => ({ ...job, kind: 'Job', ...job.spec.jobTemplate }));
    return [...this.of<Workload>('Job'), ...made];
  }

  selectedBy(selector: Selector | Labels | undefined): Workload[] {
    return this.workloads.filter(({ spec }) => matches(selector, spec.template.metadata.labels));
  }
}

/** The service of ours, or the Job, that a pod of it is. */
export const componentOf = ({ spec }: Workload): string => spec.template.metadata.labels[COMPONENT] ?? '';

export const containersOf = ({ spec }: Workload): Container[] => [
  ...(spec.template.spec.initContainers ?? []),
  ...spec.template.spec.containers,
];

export const portOf = (workload: Workload, port: string | number): number | undefined =>
  containersOf(workload)
    .flatMap(({ ports = [] }) => ports)
    .find(({ name, containerPort }) => port === name || port === containerPort)?.containerPort;
