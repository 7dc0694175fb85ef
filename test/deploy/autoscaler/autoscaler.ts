/**
 * The HorizontalPodAutoscaler of Kubernetes as a function of what it is told: the highest proposal of its metrics, kept
 * back by what it proposed within the stabilisation windows, then by how much it has changed within the periods of its
 * policies. It owns no clock; whoever calls it does so each 15 seconds, as the controller manager does.
 */
import { proposeByAll } from './proposal.ts';
import type { AutoscalerSpec, Observation, ScalingPolicy, ScalingRules } from './spec.ts';

interface Timed {
  readonly atMs: number;
  readonly replicas: number;
}

export interface AutoscalerState {
  /** What the metrics asked for, before anything kept it back. */
  readonly proposals: readonly Timed[];
  readonly added: readonly Timed[];
  readonly removed: readonly Timed[];
}

export interface Step {
  readonly state: AutoscalerState;
  readonly replicas: number;
  /** What the metrics asked for; undefined where nothing could be used. */
  readonly proposed: number | undefined;
}

/** As the controller does at its start: the replicas that it finds count as proposed. */
export const initialState = (replicas: number, nowMs: number): AutoscalerState => ({
  proposals: [{ atMs: nowMs, replicas }],
  added: [],
  removed: [],
});

const within = (events: readonly Timed[], seconds: number, nowMs: number): Timed[] =>
  events.filter(({ atMs }) => atMs > nowMs - seconds * 1000);

const stabilise = (
  spec: AutoscalerSpec,
  { proposals }: AutoscalerState,
  { current, proposed, nowMs }: { current: number; proposed: number; nowMs: number },
): number => {
  const recent = (rules: ScalingRules): number[] =>
    within(proposals, rules.stabilizationWindowSeconds, nowMs).map(({ replicas }) => replicas);
  const lowest = Math.min(proposed, ...recent(spec.scaleUp));
  const highest = Math.max(proposed, ...recent(spec.scaleDown));
  return Math.min(Math.max(current, lowest), highest);
};

const sum = (events: readonly Timed[]): number => events.reduce((total, { replicas }) => total + replicas, 0);

/** How far the policies let it go from `current`, `direction` 1 up and -1 down. */
const limitOf = (
  rules: ScalingRules,
  direction: 1 | -1,
  current: number,
  { added, removed }: AutoscalerState,
  nowMs: number,
): number => {
  if (rules.selectPolicy === 'Disabled') return current;
  const limit = ({ type, value, periodSeconds }: ScalingPolicy): number => {
    const changed = sum(within(added, periodSeconds, nowMs)) - sum(within(removed, periodSeconds, nowMs));
    const start = current - changed;
    if (type === 'Pods') return start + direction * value;
    // Rounded away from no change: else one replica of a few could never be added.
    const reached = start * (1 + (direction * value) / 100);
    return direction === 1 ? Math.ceil(reached) : Math.trunc(reached);
  };
  const limits = rules.policies.map(limit);
  const farthest = direction * Math.max(...limits.map((reached) => direction * reached));
  const nearest = direction * Math.min(...limits.map((reached) => direction * reached));
  return rules.selectPolicy === 'Max' ? farthest : nearest;
};

/** What windows and policies leave of a proposal. */
export const keepBack = (
  spec: AutoscalerSpec,
  state: AutoscalerState,
  asked: { readonly current: number; readonly proposed: number; readonly nowMs: number },
): number => {
  const { current, nowMs } = asked;
  const wanted = stabilise(spec, state, asked);
  if (wanted > current) {
    const limit = Math.max(current, limitOf(spec.scaleUp, 1, current, state, nowMs));
    return Math.min(wanted, limit, spec.maxReplicas);
  }
  if (wanted < current) {
    const limit = Math.min(current, limitOf(spec.scaleDown, -1, current, state, nowMs));
    return Math.max(wanted, limit, spec.minReplicas);
  }
  return current;
};

/** Events that no window or period reaches any more are forgotten. */
const longestOf = (spec: AutoscalerSpec): number =>
  Math.max(
    ...[spec.scaleUp, spec.scaleDown].flatMap((rules) => [
      rules.stabilizationWindowSeconds,
      ...rules.policies.map(({ periodSeconds }) => periodSeconds),
    ]),
  );

const remember = (
  state: AutoscalerState,
  { seconds, nowMs }: { seconds: number; nowMs: number },
  proposed: number | undefined,
  change: number,
): AutoscalerState => {
  const at = (replicas: number): Timed => ({ atMs: nowMs, replicas });
  return {
    proposals: [
      ...within(state.proposals, seconds, nowMs),
      ...(proposed === undefined ? [] : [at(proposed)]),
    ],
    added: [...within(state.added, seconds, nowMs), ...(change > 0 ? [at(change)] : [])],
    removed: [...within(state.removed, seconds, nowMs), ...(change < 0 ? [at(-change)] : [])],
  };
};

export const step = (
  spec: AutoscalerSpec,
  state: AutoscalerState,
  seen: Observation,
  nowMs: number,
): Step => {
  const current = seen.replicas;
  const age = { seconds: longestOf(spec), nowMs };
  // Scaling is off, by hand.
  if (current === 0) return { state, replicas: 0, proposed: undefined };
  const bounded = Math.min(Math.max(current, spec.minReplicas), spec.maxReplicas);
  if (bounded !== current)
    return {
      state: remember(state, age, undefined, bounded - current),
      replicas: bounded,
      proposed: undefined,
    };
  const proposed = proposeByAll(spec, seen);
  if (proposed === undefined)
    return { state: remember(state, age, undefined, 0), replicas: current, proposed };
  const replicas = keepBack(spec, state, { current, proposed, nowMs });
  return { state: remember(state, age, proposed, replicas - current), replicas, proposed };
};
