/** That each check finds the fault that it is there for: in the objects of a chart that has none, one is planted. */
import { describeWith } from '@otedama/test-harness';
import { checkDrain } from './chart/checks/drain.ts';
import { checkFiles } from './chart/checks/files.ts';
import { checkHardening } from './chart/checks/hardening.ts';
import { checkNetwork } from './chart/checks/network.ts';
import { checkWiring } from './chart/checks/wiring.ts';
import { Chart, type KubernetesObject, helm, valueSets } from './chart/helm.ts';
import { newestKubernetes } from './chart/kubernetes.ts';
import { Manifest } from './chart/manifest.ts';

type Check = (manifest: Manifest) => string[];

const GATEWAY = 'Deployment pool-otedama-stratum-gateway';
const POD = 'spec.template.spec';
const CONTAINER = `${POD}.containers.0`;
const POLICY = 'NetworkPolicy pool-otedama-stratum-gateway';

/** A check, an object, a place in it, what is put there, and what is said of that. */
const FAULTS: readonly [Check, string, string, unknown, RegExp][] = [
  [checkWiring, GATEWAY, 'spec.selector.matchLabels.a', 'b', /does not select its own pods/],
  [checkWiring, GATEWAY, 'spec.replicas', 3, /has replicas, and an autoscaler/],
  [checkWiring, GATEWAY, `${CONTAINER}.livenessProbe.httpGet.path`, '/live', /no probe asks \/health\/live/],
  [checkWiring, GATEWAY, `${CONTAINER}.readinessProbe.httpGet.port`, 'web', /no probe asks \/health\/ready/],
  [
    checkWiring,
    GATEWAY,
    `${POD}.topologySpreadConstraints.0.labelSelector.matchLabels.a`,
    'b',
    /spreads pods/,
  ],
  [checkWiring, 'Service pool-otedama-api-gateway', 'spec.ports.0.targetPort', 'web', /has no port web/],
  [checkWiring, 'Service pool-otedama-api-gateway', 'spec.selector.a', 'b', /selects nothing/],
  [checkWiring, 'Service pool-otedama-api-gateway', 'metadata.name', 'A_b', /no name for a host/],
  [
    checkWiring,
    'StatefulSet pool-otedama-share-validator',
    'spec.serviceName',
    'x',
    /Service x is not there/,
  ],
  [
    checkWiring,
    'HorizontalPodAutoscaler pool-otedama-api-gateway',
    'spec.scaleTargetRef.name',
    'x',
    /scales nothing/,
  ],
  [checkWiring, 'PodDisruptionBudget pool-otedama-api-gateway', 'spec.maxUnavailable', 0, /nothing be moved/],
  [
    checkWiring,
    'PodDisruptionBudget pool-otedama-api-gateway',
    'spec.selector.matchLabels',
    {},
    /selects \d+ work/,
  ],
  [checkFiles, GATEWAY, `${POD}.volumes.0.name`, 'x', /volume x is not mounted/],
  [checkFiles, GATEWAY, `${POD}.serviceAccountName`, 'x', /ServiceAccount x is not there/],
  [checkFiles, GATEWAY, `${CONTAINER}.volumeMounts.1.readOnly`, false, /may be written/],
  [
    checkFiles,
    GATEWAY,
    `${CONTAINER}.volumeMounts.2.mountPath`,
    '/etc/otedama/x',
    /nothing of it is configured/,
  ],
  [checkHardening, GATEWAY, `${CONTAINER}.securityContext.readOnlyRootFilesystem`, false, /root file system/],
  [checkHardening, GATEWAY, `${CONTAINER}.securityContext.allowPrivilegeEscalation`, true, /more privileges/],
  [
    checkHardening,
    GATEWAY,
    `${CONTAINER}.securityContext.capabilities.add`,
    ['NET_ADMIN'],
    /keeps capabilities/,
  ],
  [checkHardening, GATEWAY, `${CONTAINER}.resources.limits`, {}, /no bound on its memory/],
  [checkHardening, GATEWAY, `${CONTAINER}.image`, 'otedama:latest', /any version/],
  [checkHardening, GATEWAY, `${CONTAINER}.ports.0.containerPort`, 443, /only root may/],
  [checkHardening, GATEWAY, `${POD}.securityContext.runAsUser`, 0, /runs as root/],
  [checkHardening, GATEWAY, `${POD}.automountServiceAccountToken`, true, /token of the cluster/],
  [checkHardening, GATEWAY, `${POD}.hostNetwork`, true, /of its host/],
  [checkNetwork, POLICY, 'spec.policyTypes', ['Ingress'], /no policy is about it/],
  [checkNetwork, POLICY, 'spec.egress', [], /does not reach nats-0/],
  [checkNetwork, POLICY, 'spec.egress', [{}], /reaches any port/],
  [checkNetwork, POLICY, 'spec.egress.1.ports.0.port', 5432, /port 5432, which nothing/],
  [
    checkNetwork,
    POLICY,
    'spec.egress.1.to.0.namespaceSelector.matchLabels',
    { a: 'b' },
    /does not reach nats-0/,
  ],
  [checkNetwork, POLICY, 'spec.ingress', [{}], /all of its ports are open/],
  [checkNetwork, POLICY, 'spec.ingress.0.from', [], /everybody reads its metrics/],
  [checkNetwork, POLICY, 'spec.ingress.1.ports', [], /nobody reaches its port stratum/],
  [checkDrain, GATEWAY, `${POD}.terminationGracePeriodSeconds`, 30, /killed before/],
  [checkDrain, GATEWAY, `${CONTAINER}.lifecycle`, {}, /before the load balancer knows/],
];

/** A copy of the objects in which the place of one holds something else. */
const plant = (
  objects: readonly KubernetesObject[],
  name: string,
  place: string,
  what: unknown,
): Manifest => {
  const copy = structuredClone(objects) as KubernetesObject[];
  const object = copy.find(({ kind, metadata }) => `${kind} ${metadata.name}` === name);
  if (object === undefined) throw new Error(`the chart has no ${name}`);
  const steps = place.split('.');
  const last = steps.pop() ?? '';
  let at = object as unknown as Record<string, unknown>;
  for (const step of steps) at = (at[step] ??= {}) as Record<string, unknown>;
  at[last] = what;
  return new Manifest(copy);
};

describeWith('helm', helm())('a fault of the chart', () => {
  let objects: readonly KubernetesObject[] = [];
  beforeAll(() => {
    using chart = new Chart();
    const values = valueSets().find(({ name }) => name === 'production');
    if (values !== undefined) objects = chart.render({ values, kubeVersion: newestKubernetes() });
  });

  it.each(FAULTS.map(([check, name, place, what, said]) => ({ check, name, place, what, said })))(
    'is found in $name at $place, where it is $what',
    ({ check, name, place, what, said }) => {
      expect(check(new Manifest(objects))).toEqual([]);
      expect(check(plant(objects, name, place, what)).join('\n')).toMatch(said);
    },
  );

  it('is found in a gateway that sends all of its miners away at once', () => {
    const configured = plant(objects, 'ConfigMap pool-otedama-stratum-gateway', 'data', {
      'otedama.yaml': 'service: {drain_time: 20s}\npool: {max_connections: 10000}\n',
    });
    expect(checkDrain(configured).join('\n')).toMatch(/sends 10000 miners away in 20 seconds/);
  });

  it('is found where two objects have one name', () => {
    expect(checkWiring(new Manifest([...objects, ...objects.slice(0, 1)])).join('\n')).toMatch(
      /is there twice/,
    );
  });
});
