/**
 * What a HorizontalPodAutoscaler (autoscaling/v2) says and what it is told, in the words of Kubernetes. Of metrics, the
 * kinds that a chart for this program has a use for.
 */

export interface ScalingPolicy {
  readonly type: 'Pods' | 'Percent';
  readonly value: number;
  readonly periodSeconds: number;
}

export interface ScalingRules {
  readonly stabilizationWindowSeconds: number;
  readonly selectPolicy: 'Max' | 'Min' | 'Disabled';
  readonly policies: readonly ScalingPolicy[];
  /** 0.1 is what the controller manager has where none is given. */
  readonly tolerance: number;
}

export type MetricTarget =
  /** Average of what each pod says of itself. */
  | { readonly kind: 'pods'; readonly metric: string; readonly average: number }
  /** Percent of what the pods request. */
  | { readonly kind: 'resource'; readonly metric: string; readonly utilization: number }
  /** One value for all, divided among the pods. */
  | { readonly kind: 'external'; readonly metric: string; readonly average: number };

export interface AutoscalerSpec {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly metrics: readonly MetricTarget[];
  readonly scaleUp: ScalingRules;
  readonly scaleDown: ScalingRules;
}

/** `unready`: not started, or its processor time does not count yet. `gone`: being deleted, or failed. */
export type PodCondition = 'ready' | 'unready' | 'gone';

export interface ObservedPod {
  readonly name: string;
  readonly condition: PodCondition;
}

export interface Observation {
  /** What the deployment is set to, which may not all be there. */
  readonly replicas: number;
  readonly pods: readonly ObservedPod[];
  /** By metric, then by pod; a pod that is not in it is missing. In percent of its request for `resource`. */
  readonly ofPods: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** By metric; one that is not in it cannot be had. */
  readonly external: ReadonlyMap<string, number>;
}
