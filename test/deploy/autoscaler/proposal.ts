/**
 * How many replicas one metric asks for, as the replica calculator of Kubernetes 1.37 works it out: within the
 * tolerance nothing changes; what is not known of a pod never speaks for a change, neither up nor down.
 */
import type { AutoscalerSpec, MetricTarget, Observation, ObservedPod } from './spec.ts';

/** Undefined: the metric says nothing that could be used. */
export type Proposal = number | undefined;

const isWithinTolerance = (ratio: number, { scaleUp, scaleDown }: AutoscalerSpec): boolean =>
  1 - scaleDown.tolerance <= ratio && ratio <= 1 + scaleUp.tolerance;

/** Kubernetes calculates in whole percent, and in thousandths of anything else. */
const averageOf = (values: Iterable<number>, precision: number): number => {
  const all = [...values];
  return Math.trunc((precision * all.reduce((sum, value) => sum + value, 0)) / all.length) / precision;
};

const namesOf = (pods: readonly ObservedPod[]): string[] => pods.map(({ name }) => name);

interface Target {
  readonly average: number;
  /** What a pod counts for whose value is missing while the others are below the target. */
  readonly whenMissing: number;
  readonly precision: number;
}

/**
 * Ready pods are those with a value. If there are others, the direction that the known ones ask for is tried with the
 * unknown ones against it, and only what stands that is proposed.
 */
const proposeByPods = (
  spec: AutoscalerSpec,
  { replicas, pods }: Observation,
  values: ReadonlyMap<string, number>,
  target: Target,
): Proposal => {
  const present = pods.filter(({ condition }) => condition !== 'gone');
  const unready = namesOf(present.filter(({ condition }) => condition === 'unready'));
  const ready = present.filter(({ condition }) => condition === 'ready');
  const missing = namesOf(ready.filter(({ name }) => !values.has(name)));
  const counted = new Map(
    ready.flatMap(({ name }) => {
      const value = values.get(name);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
  if (counted.size === 0) return undefined;
  const ratioNow = (): number => averageOf(counted.values(), target.precision) / target.average;
  const ratio = ratioNow();
  const isUpWithUnready = unready.length > 0 && ratio > 1;
  if (!isUpWithUnready && missing.length === 0)
    return isWithinTolerance(ratio, spec) ? replicas : Math.ceil(ratio * counted.size);
  if (ratio !== 1) for (const name of missing) counted.set(name, ratio < 1 ? target.whenMissing : 0);
  if (isUpWithUnready) for (const name of unready) counted.set(name, 0);
  const careful = ratioNow();
  const hasTurned = (ratio < 1 && careful > 1) || (ratio > 1 && careful < 1);
  if (hasTurned || isWithinTolerance(careful, spec)) return replicas;
  const proposed = Math.ceil(careful * counted.size);
  const isAgainstItself = (careful < 1 && proposed > replicas) || (careful > 1 && proposed < replicas);
  return isAgainstItself ? replicas : proposed;
};

export const propose = (spec: AutoscalerSpec, target: MetricTarget, seen: Observation): Proposal => {
  switch (target.kind) {
    case 'external': {
      const value = seen.external.get(target.metric);
      if (value === undefined) return undefined;
      const ratio = value / (target.average * seen.replicas);
      return isWithinTolerance(ratio, spec) ? seen.replicas : Math.ceil(value / target.average);
    }
    case 'pods': {
      const values = seen.ofPods.get(target.metric);
      if (values === undefined) return undefined;
      const { average } = target;
      return proposeByPods(spec, seen, values, { average, whenMissing: average, precision: 1000 });
    }
    case 'resource': {
      const values = seen.ofPods.get(target.metric);
      if (values === undefined) return undefined;
      const average = target.utilization;
      return proposeByPods(spec, seen, values, {
        average,
        whenMissing: Math.max(100, average),
        precision: 1,
      });
    }
  }
};

/** The highest proposal; undefined where nothing may be changed, as when fewer are asked for and a metric is missing. */
export const proposeByAll = (spec: AutoscalerSpec, seen: Observation): Proposal => {
  const proposals = spec.metrics.map((target) => propose(spec, target, seen));
  const known = proposals.filter((proposal) => proposal !== undefined);
  if (known.length === 0) return undefined;
  const highest = Math.max(...known);
  return known.length < proposals.length && highest < seen.replicas ? undefined : highest;
};
