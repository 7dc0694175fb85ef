/** A rendered HorizontalPodAutoscaler as the autoscaler here takes it, with the defaults of Kubernetes filled in. */
import type { KubernetesObject } from '../chart/helm.ts';
import type { AutoscalerSpec, MetricTarget, ScalingPolicy, ScalingRules } from './spec.ts';

interface Rules {
  readonly stabilizationWindowSeconds?: number;
  readonly selectPolicy?: ScalingRules['selectPolicy'];
  readonly policies?: readonly ScalingPolicy[];
}

type Metric =
  | {
      readonly type: 'Pods';
      readonly pods: {
        readonly metric: { readonly name: string };
        readonly target: { readonly type: 'AverageValue'; readonly averageValue: string };
      };
    }
  | {
      readonly type: 'Resource';
      readonly resource: {
        readonly name: string;
        readonly target: { readonly type: 'Utilization'; readonly averageUtilization: number };
      };
    };

export interface HorizontalPodAutoscaler extends KubernetesObject {
  readonly spec: {
    readonly scaleTargetRef: { readonly kind: string; readonly name: string };
    readonly minReplicas: number;
    readonly maxReplicas: number;
    readonly metrics: readonly Metric[];
    readonly behavior?: { readonly scaleUp?: Rules; readonly scaleDown?: Rules };
  };
}

/** Of the controller manager. */
const TOLERANCE = 0.1;

const UP: ScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
  tolerance: TOLERANCE,
};
const DOWN: ScalingRules = {
  stabilizationWindowSeconds: 300,
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  tolerance: TOLERANCE,
};

const targetOf = (metric: Metric): MetricTarget => {
  if (metric.type === 'Resource') {
    const { name, target } = metric.resource;
    return { kind: 'resource', metric: name, utilization: target.averageUtilization };
  }
  const { metric: named, target } = metric.pods;
  if (!/^\d+$/.test(target.averageValue))
    throw new Error(`${named.name}: ${target.averageValue} is no number`);
  return { kind: 'pods', metric: named.name, average: Number(target.averageValue) };
};

export const specOf = ({ spec }: HorizontalPodAutoscaler): AutoscalerSpec => ({
  minReplicas: spec.minReplicas,
  maxReplicas: spec.maxReplicas,
  metrics: spec.metrics.map(targetOf),
  scaleUp: { ...UP, ...spec.behavior?.scaleUp },
  scaleDown: { ...DOWN, ...spec.behavior?.scaleDown },
});
