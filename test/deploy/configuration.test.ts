/** What the chart gives a pod is what its program takes: each service is started with the files that its pod has. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import {
  REPOSITORY,
  type Scratch,
  TestProcess,
  describeWith,
  freePort,
  scratchDirectory,
} from '@otedama/test-harness';
import { Chart, type KubernetesObject, helm, valueSets } from './chart/helm.ts';
import { type Contents, layOut, podOf, secretContents, workloads } from './chart/pod-files.ts';

import.meta.jest.setTimeout(120_000);

const COMMAND = join(REPOSITORY, 'apps/cli/dist/otedama.cjs');

const disposableScratch = (): Scratch & Disposable => {
  const scratch = scratchDirectory('pod');
  return { ...scratch, [Symbol.dispose]: () => scratch.remove() };
};

const isAnswered = (url: string): Promise<true | undefined> =>
  fetch(url).then(
    ({ ok }) => ok || undefined,
    () => undefined,
  );

/** Its servers are not there: it has started, waits for them, and ends in good order when it is told to. */
const startAndStop = async (
  workload: ReturnType<typeof workloads>[number],
  objects: readonly KubernetesObject[],
  contents: Contents,
): Promise<void> => {
  using scratch = disposableScratch();
  const { service, args } = layOut(workload, objects, { folder: scratch.path, contents });
  const monitoring = `127.0.0.1:${await freePort()}`;
  const script = join(REPOSITORY, `apps/${service}/dist/${service}.cjs`);
  await using pod = new TestProcess(service, process.execPath, ['--no-warnings', script, ...args], {
    env: {
      OTEDAMA_SERVICE_INSTANCE: workload.metadata.name,
      OTEDAMA_MONITORING_METRICS_ADDRESS: monitoring,
      OTEDAMA_MONITORING_HEALTH_ADDRESS: monitoring,
      ...(service === 'api-gateway' ? { OTEDAMA_API_ADDRESS: `127.0.0.1:${await freePort()}` } : {}),
    },
  });
  await pod.until('its start', () => isAnswered(`http://${monitoring}/health/startup`));
  pod.signal('SIGTERM');
  expect({ service, output: pod.output, exit: await pod.exited }).toMatchObject({ exit: { code: 0 } });
};

describeWith('helm', helm())('a pod of the chart', () => {
  let chart: Chart;
  let scratch: Scratch;
  let contents: Contents;
  beforeAll(() => {
    chart = new Chart();
    scratch = scratchDirectory('credentials');
    contents = secretContents(scratch.path);
  });
  afterAll(() => {
    chart[Symbol.dispose]();
    scratch.remove();
  });

  it.each(valueSets())('starts with the files that it mounts and no others: $name', async (values) => {
    const objects = chart.render({ values, kubeVersion: '1.30' });
    const pods = workloads(objects);
    expect(pods.length).toBeGreaterThanOrEqual(4);
    for (const pod of pods) await startAndStop(pod, objects, contents);
  });

  it.each(valueSets())('proves the books with what it mounts, as far as the database: $name', (values) => {
    const objects = chart.render({ values, kubeVersion: '1.30' });
    const jobs = objects.filter(({ kind }) => kind === 'CronJob');
    expect(jobs).toHaveLength(1);
    for (const job of jobs) {
      using folder = disposableScratch();
      const { args } = layOut(podOf(job), objects, { folder: folder.path, contents });
      const done = spawnSync(process.execPath, [COMMAND, ...args], { encoding: 'utf8' });
      expect(done.stderr).toMatch(/^otedama: connect ECONNREFUSED .*:1$/m);
    }
  });
});
