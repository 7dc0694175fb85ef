/**
 * The works of one pool, shared by its sessions: what is current, and which keys were current once, so that
 * a late share hears "stale" and a made-up one "not found". Bounded on both sides.
 */
import { MAX_LIVE_WORKS, MAX_RETIRED_WORKS } from './limits.ts';

/** What the book has to know of a template. */
interface Keyed {
  readonly jobKey: number;
  readonly cleanJobs: boolean;
}

export class WorkBook<Template extends Keyed, Work> {
  readonly #create: (template: Template) => Work;
  /** Insertion order is age. */
  readonly #live = new Map<number, Work>();
  readonly #retired = new Set<number>();
  #current: Work | undefined;
  #stoppedReason: string | undefined;

  constructor(create: (template: Template) => Work) {
    this.#create = create;
  }

  get current(): Work | undefined {
    return this.#current;
  }

  /** Why nothing may be mined at the moment; the next template ends it. */
  get stoppedReason(): string | undefined {
    return this.#stoppedReason;
  }

  stop(reason: string): void {
    this.#stoppedReason = reason;
  }

  add(template: Template): Work {
    this.#stoppedReason = undefined;
    const work = this.#create(template);
    if (template.cleanJobs) for (const key of this.#live.keys()) this.#retire(key);
    this.#live.delete(template.jobKey);
    this.#retired.delete(template.jobKey);
    this.#live.set(template.jobKey, work);
    for (const key of this.#live.keys()) {
      if (this.#live.size <= MAX_LIVE_WORKS) break;
      this.#retire(key);
    }
    this.#current = work;
    return work;
  }

  isLive(jobKey: number): boolean {
    return this.#live.has(jobKey);
  }

  /** Was live once, as far back as the book remembers. */
  isRetired(jobKey: number): boolean {
    return this.#retired.has(jobKey);
  }

  #retire(jobKey: number): void {
    this.#live.delete(jobKey);
    this.#retired.add(jobKey);
    for (const oldest of this.#retired) {
      if (this.#retired.size <= MAX_RETIRED_WORKS) break;
      this.#retired.delete(oldest);
    }
  }
}
