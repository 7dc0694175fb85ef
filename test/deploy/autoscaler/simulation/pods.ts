/**
 * The pods of a deployment in a cluster, second by second: what the autoscaler asks for is scheduled, pulled and
 * started; what is too much stops taking work, hands it over and goes. Which pods go is what Kubernetes does: the
 * newest first.
 */
export interface SimulatedPod<Load> {
  readonly name: string;
  readonly createdAt: number;
  readonly load: Load;
  /** Undefined for as long as it may stay. */
  leavingSince: number | undefined;
}

export interface Times {
  /** From wanted to ready: scheduled, image pulled, started. */
  readonly startSeconds: number;
  /** From SIGTERM to its end. */
  readonly leaveSeconds: number;
}

export class SimulatedPods<Load> {
  readonly #times: Times;
  readonly #createLoad: () => Load;
  #pods: SimulatedPod<Load>[] = [];
  #created = 0;

  constructor(times: Times, createLoad: () => Load, replicas: number) {
    this.#times = times;
    this.#createLoad = createLoad;
    // Those that are there at the start are ready.
    this.scaleTo(replicas, -times.startSeconds);
  }

  /** Not told to go; ready or not. */
  get wanted(): SimulatedPod<Load>[] {
    return this.#pods.filter(({ leavingSince }) => leavingSince === undefined);
  }

  get leaving(): SimulatedPod<Load>[] {
    return this.#pods.filter(({ leavingSince }) => leavingSince !== undefined);
  }

  ready(now: number): SimulatedPod<Load>[] {
    return this.wanted.filter(({ createdAt }) => now - createdAt >= this.#times.startSeconds);
  }

  scaleTo(replicas: number, now: number): void {
    const { wanted } = this;
    for (let count = wanted.length; count < replicas; count++) {
      const name = `pod-${this.#created++}`;
      this.#pods.push({ name, createdAt: now, load: this.#createLoad(), leavingSince: undefined });
    }
    for (const pod of wanted.toReversed().slice(0, Math.max(0, wanted.length - replicas)))
      pod.leavingSince = now;
  }

  /** One is gone without a word, as with its machine; what it had. The deployment replaces it at once. */
  lose(now: number): Load | undefined {
    const [lost] = this.ready(now);
    if (lost === undefined) return undefined;
    this.#pods = this.#pods.filter((pod) => pod !== lost);
    this.scaleTo(this.wanted.length + 1, now);
    return lost.load;
  }

  /** Those whose time is over are gone. */
  settle(now: number): void {
    this.#pods = this.#pods.filter(
      ({ leavingSince }) => leavingSince === undefined || now - leavingSince < this.#times.leaveSeconds,
    );
  }
}
