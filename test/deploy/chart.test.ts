/** The chart, rendered by the real helm for several kinds of pools, and held against what Kubernetes takes. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY, describeWith } from '@otedama/test-harness';
import { Chart, helm, valueSets } from './chart/helm.ts';
import { KubernetesApi, kubernetesVersions } from './chart/kubernetes.ts';

const published = join(REPOSITORY, '.tools/kubernetes');

describeWith('helm', helm())('the chart', () => {
  let chart: Chart;
  beforeAll(() => {
    chart = new Chart();
  });
  afterAll(() => chart[Symbol.dispose]());

  it.each(valueSets())('has nothing that helm lint finds wrong: $name', (values) => {
    expect(chart.lint({ values })).toContain('0 chart(s) failed');
  });

  describeWith('what Kubernetes publishes of its objects', existsSync(published) ? published : undefined)(
    'as an API server sees it',
    () => {
      const apis = existsSync(published)
        ? kubernetesVersions().map((version) => new KubernetesApi(version))
        : [];

      it.each(
        apis.flatMap((api) =>
          valueSets().map((values) => ({ api, values, of: values.name, in: api.version })),
        ),
      )('holds only what Kubernetes $in knows, and all that it asks for: $of', ({ api, values }) => {
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
    },
  );
});
