/** What the simulations show, as tables and pictures of docs/autoscaling.md. */
import type { KubernetesObject } from '../../chart/helm.ts';
import { type HorizontalPodAutoscaler, specOf } from '../from-chart.ts';
import type { AutoscalerSpec } from '../spec.ts';
import type { GatewaySample } from './gateways.ts';
import { type Panel, draw } from './plot.ts';
import { type Chart, gatewayScenarios, validatorScenarios } from './scenarios.ts';
import type { ValidatorSample } from './validators.ts';

export interface GatewayFacts {
  readonly most: number;
  readonly fullest: number;
  readonly turnedAway: number;
  readonly waitingMiners: number;
  readonly removals: number;
}

export interface ValidatorFacts {
  readonly most: number;
  readonly waiting: number;
  readonly longestDelaySeconds: number;
  readonly lateSeconds: number;
  readonly removals: number;
}

const PERIOD_SECONDS = 15;
/** As otedama.yaml and the pods of the production values have it; the gateway keeps some of its drain for the end. */
const PLACES = 10_000;
const GATEWAY_DRAIN_SECONDS = 113;
const VALIDATOR_DRAIN_SECONDS = 25;
const VALIDATOR_CORES = 4;

const autoscalerOf = (objects: readonly KubernetesObject[], service: string): AutoscalerSpec => {
  const found = objects.find(
    ({ kind, metadata }) => kind === 'HorizontalPodAutoscaler' && metadata.name.endsWith(service),
  );
  if (found === undefined) throw new Error(`the chart has no autoscaler of ${service}`);
  return specOf(found as HorizontalPodAutoscaler);
};

export const chartOf = (objects: readonly KubernetesObject[]): Chart => ({
  gateways: autoscalerOf(objects, 'stratum-gateway'),
  validators: autoscalerOf(objects, 'share-validator'),
  places: PLACES,
  gatewayDrainSeconds: GATEWAY_DRAIN_SECONDS,
  validatorDrainSeconds: VALIDATOR_DRAIN_SECONDS,
  validatorCores: VALIDATOR_CORES,
});

/** Another target in place of the chart's, of what pods say of themselves. */
export const withTarget = (spec: AutoscalerSpec, average: number): AutoscalerSpec => ({
  ...spec,
  metrics: spec.metrics.map((metric) => (metric.kind === 'pods' ? { ...metric, average } : metric)),
});

const most = <Sample>(samples: readonly Sample[], of: (sample: Sample) => number): number =>
  Math.round(Math.max(...samples.map(of)));

const removals = (samples: readonly { readonly replicas: number }[]): number =>
  samples.filter(({ replicas }, index) => replicas < (samples[index - 1]?.replicas ?? replicas)).length;

export const gatewayFacts = (samples: readonly GatewaySample[]): GatewayFacts => ({
  most: most(samples, ({ replicas }) => replicas),
  fullest: most(samples, ({ fullest }) => fullest),
  turnedAway: Math.round(samples.reduce((sum, { refused }) => sum + refused, 0)),
  waitingMiners: most(samples, ({ demand, connected }) => demand - connected),
  removals: removals(samples),
});

export const validatorFacts = (samples: readonly ValidatorSample[]): ValidatorFacts => ({
  most: most(samples, ({ replicas }) => replicas),
  waiting: most(samples, ({ waiting }) => waiting),
  longestDelaySeconds: most(samples, ({ delaySeconds }) => delaySeconds),
  lateSeconds: PERIOD_SECONDS * samples.filter(({ delaySeconds }) => delaySeconds > 1).length,
  removals: removals(samples),
});

const BLUE = '#1668b8';
const GREY = '#8a8a8a';
const ORANGE = '#d2691e';

const replicaPanel = (
  title: string,
  samples: readonly { readonly replicas: number; readonly ready: number }[],
): Panel => ({
  title,
  curves: [
    { name: 'asked for', colour: ORANGE, values: samples.map(({ replicas }) => replicas), isStepped: true },
    { name: 'ready', colour: BLUE, values: samples.map(({ ready }) => ready), isStepped: true },
  ],
});

const secondsOf = (samples: readonly unknown[]): number => samples.length * PERIOD_SECONDS;

const drawGateways = (title: string, samples: readonly GatewaySample[]): string =>
  draw(title, secondsOf(samples), [
    {
      title: 'Miners',
      curves: [
        { name: 'want to be connected', colour: GREY, values: samples.map(({ demand }) => demand) },
        { name: 'are connected', colour: BLUE, values: samples.map(({ connected }) => connected) },
      ],
    },
    replicaPanel('Gateways', samples),
    {
      title: 'Miners of the fullest gateway',
      curves: [{ name: 'connected', colour: BLUE, values: samples.map(({ fullest }) => fullest) }],
      limit: { name: 'max_connections', value: PLACES },
    },
  ]);

const drawValidators = (title: string, samples: readonly ValidatorSample[]): string =>
  draw(title, secondsOf(samples), [
    {
      title: 'Shares a second',
      curves: [
        { name: 'found', colour: GREY, values: samples.map(({ demand }) => demand) },
        { name: 'judged', colour: BLUE, values: samples.map(({ judged }) => judged) },
      ],
    },
    replicaPanel('Validators', samples),
    {
      title: 'Batches that are judged or wait, of each validator',
      curves: [{ name: 'batches', colour: BLUE, values: samples.map(({ waiting }) => waiting) }],
    },
    {
      title: 'Seconds that a share waits at the miner',
      curves: [{ name: 'seconds', colour: BLUE, values: samples.map(({ delaySeconds }) => delaySeconds) }],
    },
  ]);

const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

const gatewayTable = (chart: Chart, targets: readonly number[]): string[] => [
  row(
    '',
    'target',
    'gateways at most',
    'fullest gateway',
    'turned away',
    'without a place at once',
    'taken away',
  ),
  '|---|---|---|---|---|---|---|',
  ...gatewayScenarios.flatMap(({ name, run }) =>
    targets.map((target) => {
      const samples = run({ ...chart, gateways: withTarget(chart.gateways, target) });
      const { most, fullest, turnedAway, waitingMiners, removals } = gatewayFacts(samples);
      return row(name, target, most, fullest, turnedAway, waitingMiners, `${removals} times`);
    }),
  ),
];

const validatorTable = (chart: Chart, targets: readonly number[]): string[] => [
  row('', 'target', 'validators at most', 'batches at most', 'longest wait', 'waits over 1 s', 'taken away'),
  '|---|---|---|---|---|---|---|',
  ...validatorScenarios.flatMap(({ name, run }) =>
    targets.map((target) => {
      const samples = run({ ...chart, validators: withTarget(chart.validators, target) });
      const { most, waiting, longestDelaySeconds, lateSeconds, removals } = validatorFacts(samples);
      return row(
        name,
        target,
        most,
        waiting,
        `${longestDelaySeconds} s`,
        `${lateSeconds} s`,
        `${removals} times`,
      );
    }),
  ),
];

export interface Report {
  /** By name of the file. */
  readonly pictures: ReadonlyMap<string, string>;
  readonly tables: { readonly gateways: string; readonly validators: string };
}

export const createReport = (chart: Chart): Report => ({
  pictures: new Map([
    ...gatewayScenarios.map(
      ({ name, title, run }) => [`${name}.svg`, drawGateways(title, run(chart))] as const,
    ),
    ...validatorScenarios.map(
      ({ name, title, run }) => [`${name}.svg`, drawValidators(title, run(chart))] as const,
    ),
  ]),
  tables: {
    gateways: gatewayTable(chart, [4_000, 6_000]).join('\n'),
    validators: validatorTable(chart, [4, 8]).join('\n'),
  },
});
