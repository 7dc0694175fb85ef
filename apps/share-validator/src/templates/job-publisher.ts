/**
 * Makes jobs of templates and gives them out: to the verifier first, so that no share comes too early. Of
 * several validators only the leader gives out; the others keep theirs, to go on with at once when they lead.
 */
import { type Clock, type PayeeSnapshot, templateSubject, type TemplateBus } from '@otedama/contracts';
import type { TemplateSource, ValidatorMetrics } from '../metrics.ts';
import type { BoundSeries } from '@otedama/observability';
import type { Family } from '../families/family.ts';
import type { AuxWorkSet } from '../aux/aux-work.ts';
import type { Leadership } from '../fellows/fellows.ts';
import type { JobSharing } from '../fellows/job-sharing.ts';
import type { Job } from './job.ts';
import type { JobKeys } from './job-keys.ts';
import type { JobStore } from './job-store.ts';

export interface JobPublisherDeps<Body> {
  readonly bus: Pick<TemplateBus, 'publish'>;
  readonly store: JobStore;
  readonly keys: JobKeys;
  readonly clock: Clock;
  readonly metrics: ValidatorMetrics;
  /** What is to be mined below the pool's chain now. */
  readonly aux: () => AuxWorkSet | undefined;
  /** Whom the coinbase is to pay now. */
  readonly payees: () => PayeeSnapshot | undefined;
  /** Undefined where this validator is the pool's only one. */
  readonly fellows: PublisherFellows<Body> | undefined;
}

export interface PublisherFellows<Body> {
  readonly leadership: Leadership;
  readonly sharing: Pick<JobSharing<Body>, 'give' | 'lastPrevHash'>;
}

export interface Publication {
  readonly cleanJobs: boolean;
  readonly source: TemplateSource;
  /** When the news came that led to this template. */
  readonly sinceMs: number;
}

export interface PublishedJob<Body> {
  readonly job: Job;
  readonly body: Body;
  /** When the daemon gave the body; the job may be newer. */
  readonly takenAtMs: number;
  readonly aux: AuxWorkSet | undefined;
  readonly payees: PayeeSnapshot | undefined;
}

export interface JobPublisher<Body> {
  publish(body: Body, how: Publication): void;
  /** The current body in a new job, when what is mined below its chain has changed, or it lacked its payees. */
  republish(): void;
  /** To be called when the leadership may have changed: who leads now goes on with what it has. */
  takeOffice(): void;
  readonly isLeading: boolean;
  /** Tells the gateways to stop mining, once for each reason. */
  stop(reason: string): void;
  /** Undefined before the first job and while stopped. */
  current(): PublishedJob<Body> | undefined;
  expire(): void;
}

class PoolJobPublisher<Body> implements JobPublisher<Body> {
  readonly #deps: JobPublisherDeps<Body>;
  readonly #poolId: string;
  readonly #stages: Readonly<Record<'template' | 'job', BoundSeries>>;
  readonly #family: Pick<Family<Body>, 'condense' | 'buildJob' | 'tipOf'>;
  #current: PublishedJob<Body> | undefined;
  #stoppedReason: string | undefined;
  /** The gateways know the current job. */
  #isGiven = false;

  constructor(
    deps: JobPublisherDeps<Body>,
    poolId: string,
    family: Pick<Family<Body>, 'condense' | 'buildJob' | 'tipOf'>,
  ) {
    this.#deps = deps;
    this.#poolId = poolId;
    const { templateStages } = deps.metrics;
    this.#stages = {
      template: templateStages.bind({ pool: poolId, stage: 'template' }),
      job: templateStages.bind({ pool: poolId, stage: 'job' }),
    };
    this.#family = family;
  }

  get isLeading(): boolean {
    return this.#deps.fellows?.leadership.isLeading ?? true;
  }

  publish(offered: Body, how: Publication): void {
    const body = this.#current === undefined ? offered : this.#family.condense(offered, this.#current.body);
    const takenAtMs = this.#deps.clock();
    this.#give(body, takenAtMs, how);
    if (this.#isGiven) this.#stages.template.observe((takenAtMs - how.sinceMs) / 1000);
  }

  republish(): void {
    const current = this.#current;
    if (current === undefined) return;
    const lackedPayees = current.payees === undefined && this.#deps.payees() !== undefined;
    if (current.aux === this.#deps.aux() && !lackedPayees) return;
    const sinceMs = this.#deps.clock();
    const source = lackedPayees ? 'payees' : 'aux';
    this.#give(current.body, current.takenAtMs, { cleanJobs: false, source, sinceMs });
  }

  takeOffice(): void {
    const current = this.#current;
    this.#showOffice();
    if (!this.isLeading) this.#isGiven = false;
    if (!this.isLeading || current === undefined || this.#isGiven) return;
    const { fellows, clock } = this.#deps;
    // The jobs of the one before stay good while they build on the same block.
    const cleanJobs = fellows?.sharing.lastPrevHash() !== this.#family.tipOf(current.body).prevHash;
    this.#give(current.body, current.takenAtMs, { cleanJobs, source: 'takeover', sinceMs: clock() });
  }

  stop(reason: string): void {
    const { bus, fellows } = this.#deps;
    this.#current = undefined;
    if (this.#stoppedReason === reason) return;
    this.#stoppedReason = reason;
    if (this.isLeading) {
      bus.publish(templateSubject(this.#poolId), { poolId: this.#poolId, stopped: true, reason });
    }
    fellows?.leadership.stand(false);
    this.#showOffice();
  }

  current(): PublishedJob<Body> | undefined {
    return this.#current;
  }

  expire(): void {
    this.#deps.store.expire(this.#deps.clock());
  }

  #give(body: Body, takenAtMs: number, { cleanJobs, source, sinceMs }: Publication): void {
    const { store, keys, clock, metrics, bus, fellows } = this.#deps;
    const nowMs = clock();
    const aux = this.#deps.aux();
    const payees = this.#deps.payees();
    const options = { ...keys.next(), body, cleanJobs, nowMs, aux, payees };
    const job = this.#family.buildJob(options);
    this.#current = { job, body, takenAtMs, aux, payees };
    this.#stoppedReason = undefined;
    this.#isGiven = this.isLeading;
    if (this.#isGiven) {
      store.add(job, nowMs);
      store.expire(nowMs);
      bus.publish(templateSubject(this.#poolId), job.template);
      fellows?.sharing.give(options);
      const publishedMs = clock();
      this.#stages.job.observe((publishedMs - nowMs) / 1000);
      metrics.templateSeconds.observe({ pool: this.#poolId, source }, (publishedMs - sinceMs) / 1000);
    }
    fellows?.leadership.stand(true);
    this.#showOffice();
  }

  #showOffice(): void {
    this.#deps.metrics.leading.set({ pool: this.#poolId }, this.isLeading ? 1 : 0);
  }
}

export const createJobPublisher = <Body>(
  deps: JobPublisherDeps<Body>,
  poolId: string,
  family: Pick<Family<Body>, 'condense' | 'buildJob' | 'tipOf'>,
): JobPublisher<Body> => new PoolJobPublisher(deps, poolId, family);
