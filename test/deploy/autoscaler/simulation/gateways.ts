/**
 * Gateways under a curve of miners who want to be connected. A connection stays where it is: new gateways only get who
 * comes anew, so that the oldest are the fullest. Who is refused tries again a second later, anywhere.
 */
import { initialState, step } from '../autoscaler.ts';
import type { AutoscalerSpec, Observation } from '../spec.ts';
import { FIGURES_AGE, PERIOD } from './controller.ts';
import { SimulatedPods } from './pods.ts';

export interface GatewayWorld {
  readonly spec: AutoscalerSpec;
  /** config.pool.max_connections. */
  readonly places: number;
  readonly drainSeconds: number;
  readonly startSeconds: number;
  /** How long a miner stays connected on average; what makes gateways even again. */
  readonly lifeSeconds: number;
  /** Miners that want to be connected, by seconds. */
  readonly demand: (now: number) => number;
  readonly seconds: number;
  /** While Prometheus gives no figures. */
  readonly isBlind?: (now: number) => boolean;
  /** When a machine is lost with its gateway. */
  readonly losses?: readonly number[];
}

export interface GatewaySample {
  readonly now: number;
  readonly demand: number;
  readonly connected: number;
  readonly replicas: number;
  readonly ready: number;
  /** Miners of the fullest gateway. */
  readonly fullest: number;
  /** Turned away within the last period, each try counted. */
  readonly refused: number;
}

interface Sessions {
  count: number;
}

const spread = (gateways: readonly { readonly load: Sessions }[], comers: number, places: number): number => {
  let refused = 0;
  const each = comers / gateways.length;
  for (const { load } of gateways) {
    const taken = Math.min(each, places - load.count);
    load.count += taken;
    refused += each - taken;
  }
  return gateways.length === 0 ? comers : refused;
};

const total = (gateways: readonly { readonly load: Sessions }[]): number =>
  gateways.reduce((sum, { load }) => sum + load.count, 0);

class Gateways {
  readonly #world: GatewayWorld;
  readonly pods: SimulatedPods<Sessions>;
  refused = 0;

  constructor(world: GatewayWorld, replicas: number) {
    this.#world = world;
    const { startSeconds, drainSeconds: leaveSeconds } = world;
    this.pods = new SimulatedPods({ startSeconds, leaveSeconds }, () => ({ count: 0 }), replicas);
  }

  get connected(): number {
    return total(this.pods.wanted) + total(this.pods.leaving);
  }

  second(now: number): void {
    const { demand, places, lifeSeconds, drainSeconds, losses = [] } = this.#world;
    if (losses.includes(now)) this.pods.lose(now);
    // Whoever leaves, for good or to come back elsewhere, leaves all gateways alike.
    const surplus = Math.max(0, this.connected - demand(now));
    const leaves = Math.min(1, surplus / Math.max(1, this.connected) + 1 / lifeSeconds);
    for (const { load } of this.pods.wanted) load.count *= 1 - leaves;
    for (const { load, leavingSince = now } of this.pods.leaving) {
      const left = Math.max(1, drainSeconds - (now - leavingSince));
      load.count *= 1 - 1 / left;
    }
    const comers = Math.max(0, demand(now) - this.connected);
    this.refused += spread(this.pods.ready(now), comers, places);
    this.pods.settle(now);
  }
}

const observe = (gateways: Gateways, figures: ReadonlyMap<string, number>, now: number): Observation => {
  const ready = new Set(gateways.pods.ready(now));
  return {
    replicas: gateways.pods.wanted.length,
    pods: [
      ...gateways.pods.wanted.map((pod) => ({
        name: pod.name,
        condition: ready.has(pod) ? ('ready' as const) : ('unready' as const),
      })),
      ...gateways.pods.leaving.map(({ name }) => ({ name, condition: 'gone' as const })),
    ],
    ofPods: figures.size === 0 ? new Map() : new Map([['otedama_gateway_connections', figures]]),
    external: new Map(),
  };
};

export const simulateGateways = (world: GatewayWorld): GatewaySample[] => {
  const { spec, demand, seconds, isBlind } = world;
  // Only what comes from Prometheus is followed here: processor time says nothing of idle miners.
  const byConnections = { ...spec, metrics: spec.metrics.filter(({ kind }) => kind === 'pods') };
  const [target] = byConnections.metrics;
  const wanted = target?.kind === 'pods' ? Math.ceil(demand(0) / target.average) : spec.minReplicas;
  const replicas = Math.min(Math.max(wanted, spec.minReplicas), spec.maxReplicas);
  const gateways = new Gateways(world, replicas);
  let state = initialState(replicas, 0);
  const history = new Map<number, Map<string, number>>();
  const samples: GatewaySample[] = [];
  for (let now = 0; now < seconds; now++) {
    gateways.second(now);
    history.set(now, new Map(gateways.pods.ready(now).map(({ name, load }) => [name, load.count])));
    history.delete(now - FIGURES_AGE - 1);
    if (now % PERIOD !== 0) continue;
    const figures = isBlind?.(now) === true ? undefined : history.get(Math.max(0, now - FIGURES_AGE));
    const seen = observe(gateways, figures ?? new Map(), now);
    const next = step(byConnections, state, seen, now * 1000);
    state = next.state;
    gateways.pods.scaleTo(next.replicas, now);
    samples.push({
      now,
      demand: demand(now),
      connected: gateways.connected,
      replicas: next.replicas,
      ready: gateways.pods.ready(now).length,
      fullest: Math.max(0, ...gateways.pods.wanted.map(({ load }) => load.count)),
      refused: gateways.refused,
    });
    gateways.refused = 0;
  }
  return samples;
};
