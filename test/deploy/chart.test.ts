/** The chart, rendered by the real helm for several kinds of pools, and held against what Kubernetes takes. */
import { describeWith } from '@otedama/test-harness';
import { Chart, helm, valueSets } from './chart/helm.ts';
import { KubernetesApi, kubernetesVersions, newestKubernetes } from './chart/kubernetes.ts';

const versions = kubernetesVersions();

it('is not rendered for a Kubernetes that nobody chose', () => {
  expect(() => newestKubernetes([])).toThrow('run npm test or sh tools/test-components.sh');
});

describeWith('helm', helm())('the chart', () => {
  describeWith('what Kubernetes publishes of its objects', versions[0])('as an API server sees it', () => {
    let chart: Chart;
    beforeAll(() => {
      chart = new Chart();
    });
    afterAll(() => chart[Symbol.dispose]());

    const apis = versions.map((version) => new KubernetesApi(version));
    const cases = apis.flatMap((api) =>
      valueSets().map((values) => ({ api, values, of: values.name, in: api.version })),
    );

    it.each(cases)('has nothing that helm lint finds wrong for $in: $of', ({ api, values }) => {
      expect(chart.lint({ values, kubeVersion: api.version })).toContain('0 chart(s) failed');
    });

    it.each(cases)('holds only what Kubernetes $in knows, and all it asks for: $of', ({ api, values }) => {
      const objects = chart.render({ values, kubeVersion: api.version });
      expect(objects.flatMap((object) => api.problemsOf(object))).toEqual([]);
      expect(objects.length).toBeGreaterThan(20);
    });

    it.each(apis)('is told of what is wrong in $version', (api) => {
      const pod = (container: object) => ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'pod' },
        spec: { containers: [{ name: 'c', image: 'i', ...container }] },
      });
      expect(api.problemsOf(pod({}))).toEqual([]);
      expect(api.problemsOf(pod({ comand: ['x'] }))).toEqual([expect.stringContaining('comand')]);
      expect(api.problemsOf(pod({ stdin: 'yes' }))).toEqual([expect.stringContaining('boolean')]);
      expect(api.problemsOf(pod({ env: [{ value: 'x' }] }))).toEqual([expect.stringContaining('name')]);
      const port = { containerPort: 80 };
      expect(api.problemsOf(pod({ ports: [port, { ...port, protocol: 'TCP' }] }))).toHaveLength(1);
      expect(api.problemsOf(pod({ ports: [port, { ...port, protocol: 'UDP' }] }))).toEqual([]);
      expect(api.problemsOf(pod({ resources: { limits: { cpu: '1 core' } } }))).not.toEqual([]);
      expect(api.problemsOf({ ...pod({}), apiVersion: 'v2' })).toEqual([expect.stringContaining('v2 Pod')]);
    });
  });
});
