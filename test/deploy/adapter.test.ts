/**
 * What the autoscalers of the chart ask for: the adapter's rules, asked of a real Prometheus that holds ten minutes of two
 * releases, and what the autoscalers make of its answers.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Prometheus,
  REPOSITORY,
  describeWith,
  prometheusProgram,
  promtoolProgram,
  scratchDirectory,
  startPrometheus,
} from '@otedama/test-harness';
import { adapterRules, askOfPods, discover, seriesOf } from './adapter.ts';
import { initialState, step } from './autoscaler/autoscaler.ts';
import { type HorizontalPodAutoscaler, specOf } from './autoscaler/from-chart.ts';
import { productionObjects } from './autoscaling.ts';
import { helm } from './chart/helm.ts';

const NAMESPACE = 'mining';
const SCRAPE_SECONDS = 15;
const HISTORY_SECONDS = 600;

interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What it is `age` seconds ago; undefined before its pod was there. */
  readonly value: (age: number) => number | undefined;
}

const gauge = (pod: string, namespace: string, value: number, since = HISTORY_SECONDS): Series => ({
  name: 'otedama_gateway_connections',
  labels: { namespace, pod, job: 'stratum-gateway', instance: '10.0.0.1:9100' },
  value: (age) => (age > since ? undefined : value),
});

/** Of seconds: it grows by so many in each. */
const stage = (pod: string, pool: string, stage: string, perSecond: number): Series => ({
  name: 'otedama_validator_share_stage_seconds_sum',
  labels: { namespace: NAMESPACE, pod, pool, stage, job: 'share-validator' },
  value: (age) => 1_000 + perSecond * (HISTORY_SECONDS - age),
});

const SERIES: readonly Series[] = [
  gauge('gateway-a', NAMESPACE, 4_500),
  gauge('gateway-b', NAMESPACE, 5_200),
  gauge('gateway-c', NAMESPACE, 3_600, 30),
  gauge('gateway-a', 'elsewhere', 9_999),
  // Not of a pod: one on a bare machine that the same Prometheus looks at.
  { ...gauge('', NAMESPACE, 7_777), labels: { job: 'stratum-gateway', instance: 'pool-1:9100' } },
  stage('validator-0', 'xmr', 'judged', 5),
  stage('validator-0', 'btc', 'judged', 0.5),
  stage('validator-0', 'btc', 'durable', 40),
  stage('validator-1', 'xmr', 'judged', 4.5),
];

const openMetrics = (series: readonly Series[], now: number): string => {
  const names = new Set(series.map(({ name }) => name));
  const ages = Array.from(
    { length: HISTORY_SECONDS / SCRAPE_SECONDS },
    (_, index) => HISTORY_SECONDS - (index + 1) * SCRAPE_SECONDS,
  );
  const lines = [...names].flatMap((name) => [
    `# TYPE ${name} unknown`,
    ...series
      .filter((one) => one.name === name)
      .flatMap(({ labels, value }) =>
        ages.flatMap((age) => {
          const text = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
          const at = value(age);
          return at === undefined ? [] : [`${name}{${text.join(',')}} ${at} ${now - age}`];
        }),
      ),
  ]);
  return `${lines.join('\n')}\n# EOF\n`;
};

const objects = helm() === undefined ? [] : productionObjects();
const autoscalers = objects.filter(
  ({ kind }) => kind === 'HorizontalPodAutoscaler',
) as HorizontalPodAutoscaler[];
const specs = new Map(autoscalers.map((one) => [one.spec.scaleTargetRef.name, specOf(one)]));
const asked = [...specs.values()].flatMap(({ metrics }) =>
  metrics.flatMap(({ kind, metric }) => (kind === 'pods' ? [metric] : [])),
);

describeWith('helm', helm())('what the autoscalers ask for', () => {
  it('is what the adapter has rules for, no more and no less', () => {
    expect(
      adapterRules()
        .map(({ name }) => name.as)
        .toSorted(),
    ).toEqual(asked.toSorted());
  });

  it.each(adapterRules())('is made of a metric that there is: $name.as', (rule) => {
    const metrics = readFileSync(join(REPOSITORY, 'docs/metrics.md'), 'utf8');
    const row = metrics
      .split('\n')
      .find((line) => line.startsWith(`| \`${seriesOf(rule).replace(/_sum$/, '')}\` |`));
    expect(row).toBeDefined();
    // Labels of its own that the rule looks at; the others are the target's.
    for (const [, label] of rule.metricsQuery.matchAll(/[{,](\w+)="/g)) expect(row).toContain(`\`${label}\``);
  });

  describeWith('prometheus', prometheusProgram())('of a real Prometheus', () => {
    const scratch = scratchDirectory('adapter');
    let prometheus: Prometheus;

    beforeAll(async () => {
      const samples = join(scratch.path, 'samples.om');
      writeFileSync(samples, openMetrics(SERIES, Math.floor(Date.now() / 1000)));
      const blocks = ['tsdb', 'create-blocks-from', 'openmetrics', samples, join(scratch.path, 'data')];
      execFileSync(promtoolProgram() ?? 'promtool', blocks, { stdio: 'pipe' });
      const configFile = join(scratch.path, 'prometheus.yml');
      writeFileSync(configFile, 'global: {}\n');
      prometheus = await startPrometheus({ dir: scratch.path, configFile });
    }, 60_000);
    afterAll(async () => {
      await prometheus[Symbol.asyncDispose]();
      scratch.remove();
    });

    const ask = (metric: string, pods: readonly string[]) => {
      const rule = adapterRules().find(({ name }) => name.as === metric);
      if (rule === undefined) throw new Error(`no rule makes ${metric}`);
      return askOfPods(prometheus, rule, NAMESPACE, pods);
    };

    /** What an autoscaler makes of what it is told of these pods, all of which run. */
    const replicasOf = async (target: string, pods: readonly string[]): Promise<number> => {
      const spec = specs.get(target);
      if (spec === undefined) throw new Error(`nothing scales ${target}`);
      const byPods = { ...spec, metrics: spec.metrics.filter(({ kind }) => kind === 'pods'), minReplicas: 2 };
      const ofPods = new Map<string, ReadonlyMap<string, number>>();
      for (const { metric } of byPods.metrics) ofPods.set(metric, await ask(metric, pods));
      const observed = pods.map((name) => ({ name, condition: 'ready' as const }));
      const seen = { replicas: pods.length, pods: observed, ofPods, external: new Map() };
      // The window of going up is over: it proposed nothing lower within it.
      return step(byPods, initialState(pods.length, 0), seen, 3_600_000).replicas;
    };

    it('is found for pods, and for nothing else that has a metric of that name', async () => {
      for (const rule of adapterRules()) {
        const found = await discover(prometheus, rule);
        expect(found.length).toBeGreaterThan(0);
        expect(found.every(({ namespace, pod }) => namespace !== undefined && pod !== undefined)).toBe(true);
      }
    });

    it('tells the connections of each gateway, also of one that was just started', async () => {
      const pods = ['gateway-a', 'gateway-b', 'gateway-c'];
      expect(await ask('otedama_gateway_connections', pods)).toEqual(
        new Map([
          ['gateway-a', 4_500],
          ['gateway-b', 5_200],
          ['gateway-c', 3_600],
        ]),
      );
    });

    it('tells the batches of all pools that a validator judges, and not those that wait for the log', async () => {
      const told = await ask('otedama_validator_batches_waiting', ['validator-0', 'validator-1']);
      expect(told.get('validator-0')).toBeCloseTo(5.5, 1);
      expect(told.get('validator-1')).toBeCloseTo(4.5, 1);
    });

    it('adds a gateway and a validator where that is too much', async () => {
      const gateways = 'pool-otedama-stratum-gateway';
      expect(await replicasOf(gateways, ['gateway-a', 'gateway-b', 'gateway-c'])).toBe(4);
      expect(await replicasOf('pool-otedama-share-validator', ['validator-0', 'validator-1'])).toBe(3);
      // One of which nothing is known yet may be empty.
      expect(await replicasOf(gateways, ['gateway-a', 'gateway-b', 'gateway-c', 'gateway-d'])).toBe(4);
    });
  });
});
