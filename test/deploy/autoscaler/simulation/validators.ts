/**
 * Validators under a curve of shares that are expensive to judge. A gateway has at most so many batches of a pool under
 * way, and what does not fit waits at the miners. So the queue at the validators is bounded by the number of gateways,
 * and what is behind it shows as shares that are answered late.
 */
import { initialState, step } from '../autoscaler.ts';
import type { AutoscalerSpec, Observation } from '../spec.ts';
import { FIGURES_AGE, PERIOD } from './controller.ts';
import { SimulatedPods } from './pods.ts';

export interface ValidatorWorld {
  readonly spec: AutoscalerSpec;
  readonly startSeconds: number;
  readonly drainSeconds: number;
  readonly gateways: number;
  /** Of a validator, each with a batch of its own: Node has four threads for such work. */
  readonly cores: number;
  /** Judged in a second by one core. */
  readonly sharesPerCore: number;
  readonly sharesPerBatch: number;
  readonly batchesOfGateway: number;
  /** Shares a second that miners find. */
  readonly demand: (now: number) => number;
  readonly seconds: number;
  /** While nobody tells processor time. */
  readonly isCpuUnknown?: (now: number) => boolean;
}

export interface ValidatorSample {
  readonly now: number;
  readonly demand: number;
  readonly judged: number;
  readonly replicas: number;
  readonly ready: number;
  /** Batches that are judged or wait for it, of each validator. */
  readonly waiting: number;
  readonly cpuPercent: number;
  /** Between a share and its answer. */
  readonly delaySeconds: number;
}

/** The rule of the adapter looks a minute back, metrics-server as far. */
const WINDOW = 60;

/** Mean number at several servers whose work takes always the same time: half of what waits by Sakasegawa's formula. */
const underWay = (servers: number, load: number): number =>
  servers * load + load ** Math.sqrt(2 * (servers + 1)) / (2 * (1 - load));

class Validators {
  readonly #world: ValidatorWorld;
  readonly pods: SimulatedPods<null>;
  backlog = 0;
  judged = 0;
  waiting = 0;
  busy = 0;

  constructor(world: ValidatorWorld) {
    this.#world = world;
    const { startSeconds, drainSeconds: leaveSeconds, spec } = world;
    this.pods = new SimulatedPods({ startSeconds, leaveSeconds }, () => null, spec.minReplicas);
  }

  second(now: number): void {
    const { demand, cores, sharesPerCore, sharesPerBatch, gateways, batchesOfGateway } = this.#world;
    const count = this.pods.ready(now).length;
    const capacity = count * cores * sharesPerCore;
    const due = this.backlog + demand(now);
    this.judged = Math.min(due, capacity);
    this.backlog = due - this.judged;
    this.busy = this.judged / capacity;
    // As many as there are places for at the gateways, spread over the validators.
    const most = (gateways * batchesOfGateway) / count;
    const backlog = this.backlog / sharesPerBatch / count;
    const flowing = underWay(cores, Math.min(this.busy, 0.999));
    this.waiting = Math.min(most, this.busy < 1 ? flowing : cores + backlog);
    this.pods.settle(now);
  }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

interface Figures {
  readonly waiting: number;
  readonly cpu: number | undefined;
}

const observe = (validators: Validators, { waiting, cpu }: Figures, now: number): Observation => {
  const ready = validators.pods.ready(now);
  const names = new Set(ready.map(({ name }) => name));
  const all = (value: number) => new Map(ready.map(({ name }) => [name, value]));
  return {
    replicas: validators.pods.wanted.length,
    pods: validators.pods.wanted.map(({ name }) => ({
      name,
      condition: names.has(name) ? ('ready' as const) : ('unready' as const),
    })),
    ofPods: new Map([
      ['otedama_validator_batches_waiting', all(waiting)],
      ...(cpu === undefined ? [] : [['cpu', all(cpu)] as const]),
    ]),
    external: new Map(),
  };
};

export const simulateValidators = (world: ValidatorWorld): ValidatorSample[] => {
  const { spec, demand, seconds } = world;
  const validators = new Validators(world);
  let state = initialState(spec.minReplicas, 0);
  const waiting: number[] = [];
  const busy: number[] = [];
  const samples: ValidatorSample[] = [];
  for (let now = 0; now < seconds; now++) {
    validators.second(now);
    waiting.push(validators.waiting);
    busy.push(100 * validators.busy);
    if (now % PERIOD !== 0) continue;
    const past = (values: readonly number[]): number => {
      const until = Math.max(1, values.length - FIGURES_AGE);
      return mean(values.slice(Math.max(0, until - WINDOW), until));
    };
    const cpu = world.isCpuUnknown?.(now) === true ? undefined : past(busy);
    const seen = observe(validators, { waiting: past(waiting), cpu }, now);
    const next = step(spec, state, seen, now * 1000);
    state = next.state;
    validators.pods.scaleTo(next.replicas, now);
    samples.push({
      now,
      demand: demand(now),
      judged: validators.judged,
      replicas: next.replicas,
      ready: validators.pods.ready(now).length,
      waiting: validators.waiting,
      cpuPercent: 100 * validators.busy,
      delaySeconds: validators.backlog / Math.max(1, validators.judged),
    });
  }
  return samples;
};
