import type { Subscription } from '@otedama/contracts';
import type { Fellows, JobExchange, Leadership } from '../fellows/fellows.ts';

/** An office for one among several, which passes on when its holder leaves it; and jobs kept for newcomers. */
export class MemoryOffice {
  readonly #standing = new Set<MemoryLeadership>();
  #holder: MemoryLeadership | undefined;
  readonly #jobs: Buffer[] = [];
  readonly #listeners = new Set<(job: Buffer) => void>();

  readonly jobs: JobExchange = {
    publish: (_poolId, job) => {
      this.#jobs.push(job);
      for (const listener of this.#listeners) listener(job);
    },
    subscribe: (_poolId, onJob): Subscription => {
      for (const job of this.#jobs) onJob(job);
      this.#listeners.add(onJob);
      return { unsubscribe: () => void this.#listeners.delete(onJob) };
    },
  };

  join(): Fellows & { readonly leadership: MemoryLeadership } {
    return { leadership: new MemoryLeadership(this), jobs: this.jobs };
  }

  get holder(): MemoryLeadership | undefined {
    return this.#holder;
  }

  stand(one: MemoryLeadership, hasWork: boolean): void {
    if (hasWork) this.#standing.add(one);
    else this.#standing.delete(one);
    if (this.#holder !== undefined && this.#standing.has(this.#holder)) return;
    const before = this.#holder;
    [this.#holder] = this.#standing;
    if (before === this.#holder) return;
    before?.changed();
    this.#holder?.changed();
  }
}

export class MemoryLeadership implements Leadership {
  readonly #office: MemoryOffice;
  readonly #listeners = new Set<() => void>();

  constructor(office: MemoryOffice) {
    this.#office = office;
  }

  get isLeading(): boolean {
    return this.#office.holder === this;
  }

  onChange(listener: () => void): Subscription {
    this.#listeners.add(listener);
    return { unsubscribe: () => void this.#listeners.delete(listener) };
  }

  stand(hasWork: boolean): void {
    this.#office.stand(this, hasWork);
  }

  /** As a process does that is killed. */
  die(): void {
    this.#listeners.clear();
    this.#office.stand(this, false);
  }

  changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
