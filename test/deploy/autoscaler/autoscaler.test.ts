import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '@otedama/test-harness';
import { initialState, keepBack, step } from './autoscaler.ts';
import { propose, proposeByAll } from './proposal.ts';
import type { AutoscalerSpec, MetricTarget, Observation, PodCondition, ScalingRules } from './spec.ts';

interface VectorRules {
  readonly window: number;
  readonly select: ScalingRules['selectPolicy'];
  readonly policies: readonly { type: 'Pods' | 'Percent'; value: number; period: number }[];
}

interface VectorEvent {
  readonly ageSeconds: number;
  readonly replicas: number;
}

interface Vectors {
  readonly proposals: readonly {
    readonly kind: MetricTarget['kind'];
    readonly replicas: number;
    readonly target: number;
    readonly tolerances: readonly [down: number, up: number];
    readonly conditions: Readonly<Record<string, PodCondition>>;
    readonly values: Readonly<Record<string, number>>;
    readonly total: number;
    readonly proposed: number | null;
  }[];
  readonly behaviours: readonly {
    readonly min: number;
    readonly max: number;
    readonly current: number;
    readonly proposed: number;
    readonly up: VectorRules;
    readonly down: VectorRules;
    readonly proposals: readonly VectorEvent[];
    readonly added: readonly VectorEvent[];
    readonly removed: readonly VectorEvent[];
    readonly replicas: number;
  }[];
}

const vectors = JSON.parse(readFileSync(join(REPOSITORY, 'test/vectors/autoscaler.json'), 'utf8')) as Vectors;

/** What the vectors give in thousandths, and processor time of pods that request two cores. */
const MILLI = 1000;
const REQUEST_MILLI = 2000;
const NOW_MS = 1_000_000_000;

const RULES: ScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  tolerance: 0.1,
};

const SPEC: AutoscalerSpec = {
  minReplicas: 2,
  maxReplicas: 20,
  metrics: [{ kind: 'external', metric: 'sessions', average: 100 }],
  scaleUp: RULES,
  scaleDown: { ...RULES, stabilizationWindowSeconds: 300 },
};

const targetOf = (kind: MetricTarget['kind'], value: number): MetricTarget =>
  kind === 'resource'
    ? { kind, metric: 'm', utilization: value }
    : { kind, metric: 'm', average: value / MILLI };

const seen = (replicas: number, external: Record<string, number>): Observation => ({
  replicas,
  pods: Array.from({ length: replicas }, (_, index) => ({ name: `pod-${index}`, condition: 'ready' })),
  ofPods: new Map(),
  external: new Map(Object.entries(external)),
});

describe('what one metric asks for', () => {
  it('is what Kubernetes itself proposes, whatever is missing, not ready or on its way out', () => {
    const wrong = vectors.proposals.filter((vector) => {
      const { kind, replicas, target, tolerances, conditions, values, total, proposed } = vector;
      const unit = kind === 'resource' ? REQUEST_MILLI / 100 : MILLI;
      const observed: Observation = {
        replicas,
        pods: Object.entries(conditions).map(([name, condition]) => ({ name, condition })),
        ofPods: new Map([
          ['m', new Map(Object.entries(values).map(([name, value]) => [name, value / unit]))],
        ]),
        external: new Map([['m', total / MILLI]]),
      };
      const spec: AutoscalerSpec = {
        ...SPEC,
        scaleDown: { ...SPEC.scaleDown, tolerance: tolerances[0] },
        scaleUp: { ...SPEC.scaleUp, tolerance: tolerances[1] },
      };
      return (propose(spec, targetOf(kind, target), observed) ?? null) !== proposed;
    });
    expect(wrong).toEqual([]);
    expect(vectors.proposals.length).toBeGreaterThan(100);
  });

  it('counts by the highest, and a missing one keeps the replicas from being removed only', () => {
    const spec: AutoscalerSpec = {
      ...SPEC,
      metrics: [...SPEC.metrics, { kind: 'external', metric: 'queue', average: 10 }],
    };
    expect(proposeByAll(spec, seen(4, { sessions: 200, queue: 70 }))).toBe(7);
    expect(proposeByAll(spec, seen(4, { sessions: 800 }))).toBe(8);
    expect(proposeByAll(spec, seen(4, { sessions: 100 }))).toBeUndefined();
    expect(proposeByAll(spec, seen(4, {}))).toBeUndefined();
  });
});

const rulesOf = ({ window, select, policies }: VectorRules): ScalingRules => ({
  stabilizationWindowSeconds: window,
  selectPolicy: select,
  policies: policies.map(({ type, value, period }) => ({ type, value, periodSeconds: period })),
  tolerance: 0.1,
});

const eventsOf = (events: readonly VectorEvent[]) =>
  events.map(({ ageSeconds, replicas }) => ({ atMs: NOW_MS - ageSeconds * 1000, replicas }));

describe('what windows and policies leave of it', () => {
  it('is what Kubernetes itself leaves', () => {
    const wrong = vectors.behaviours.filter((vector) => {
      const { min, max, current, proposed, up, down, proposals, added, removed, replicas } = vector;
      const spec = {
        ...SPEC,
        minReplicas: min,
        maxReplicas: max,
        scaleUp: rulesOf(up),
        scaleDown: rulesOf(down),
      };
      const state = {
        proposals: eventsOf(proposals),
        added: eventsOf(added),
        removed: eventsOf(removed),
      };
      return keepBack(spec, state, { current, proposed, nowMs: NOW_MS }) !== replicas;
    });
    expect(wrong).toEqual([]);
    expect(vectors.behaviours.length).toBeGreaterThan(100);
  });
});

/** One call each 15 seconds; what each left. */
const run = (spec: AutoscalerSpec, from: number, loads: readonly (number | undefined)[]): number[] => {
  let state = initialState(from, NOW_MS);
  let replicas = from;
  return loads.map((sessions, index) => {
    const now = seen(replicas, sessions === undefined ? {} : { sessions });
    ({ state, replicas } = step(spec, state, now, NOW_MS + (index + 1) * 15_000));
    return replicas;
  });
};

describe('an autoscaler over time', () => {
  it('doubles each period at most, until the load is borne', () => {
    expect(
      run(
        SPEC,
        2,
        Array.from({ length: 5 }, () => 1_500),
      ),
    ).toEqual([4, 8, 15, 15, 15]);
  });

  it('removes nothing before the load was gone for the whole window', () => {
    const counts = run(SPEC, 10, [1_000, ...Array.from({ length: 30 }, () => 300)]);
    expect(counts.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 10));
    expect(counts.slice(-1)).toEqual([3]);
  });

  it('stays where it is while nothing is known, within its bounds', () => {
    expect(run(SPEC, 6, [undefined, undefined])).toEqual([6, 6]);
    expect(run(SPEC, 30, [undefined, undefined])).toEqual([20, 20]);
    expect(run(SPEC, 1, [undefined, undefined])).toEqual([2, 2]);
  });

  it('is off where somebody has set the replicas to none', () => {
    expect(run(SPEC, 0, [5_000])).toEqual([0]);
  });
});
