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
  /** In the order in which they came, from the oldest live one on: what is not in it came before all of them. */
  readonly #latest: Work[] = [];
  #asked: { readonly after: Work; readonly upTo: Work; readonly works: readonly Work[] } | undefined;
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
    this.#remember(work);
    this.#current = work;
    return work;
  }

  /** What came after the one, up to the other, and is live; in its order. The same for all sessions, nearly always. */
  liveBetween(after: Work, upTo: Work): readonly Work[] {
    if (this.#asked?.after !== after || this.#asked.upTo !== upTo) {
      const [from, to] = [this.#latest.lastIndexOf(after) + 1, this.#latest.lastIndexOf(upTo) + 1];
      const live = new Set(this.#live.values());
      this.#asked = { after, upTo, works: this.#latest.slice(from, to).filter((work) => live.has(work)) };
    }
    return this.#asked.works;
  }

  isLive(jobKey: number): boolean {
    return this.#live.has(jobKey);
  }

  /** Was live once, as far back as the book remembers. */
  isRetired(jobKey: number): boolean {
    return this.#retired.has(jobKey);
  }

  #remember(work: Work): void {
    this.#latest.push(work);
    this.#asked = undefined;
    const live = new Set(this.#live.values());
    const oldest = this.#latest.findIndex((one) => live.has(one));
    // One key may be added over and over while an older one lives.
    this.#latest.splice(0, Math.max(oldest, this.#latest.length - MAX_LIVE_WORKS - MAX_RETIRED_WORKS));
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
