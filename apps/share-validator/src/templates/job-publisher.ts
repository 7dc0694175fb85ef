/**
 * Makes jobs of templates and gives them out: to the verifier first, so that no share comes too early. Of
 * several validators only the leader gives out; the others keep theirs, to go on with at once when they lead.
 */
import {
  type Clock,
  noTracer,
  type PayeeSnapshot,
  templateSubject,
  type TemplateBus,
  type TraceContext,
  type Tracer,
} from '@otedama/contracts';
import { buildJob } from '../families/build-job.ts';
import type { TemplateSource, ValidatorMetrics } from '../metrics.ts';
import type { BoundSeries } from '@otedama/observability';
import type { Family } from '../families/family.ts';
import type { AuxWorkSet } from '../aux/aux-work.ts';
import type { Leadership } from '../fellows/fellows.ts';
import type { JobSharing } from '../fellows/job-sharing.ts';
import type { Job } from './job.ts';
import type { JobKeys } from './job-keys.ts';
import type { JobStore } from './job-store.ts';
import { traceWork } from './work-trace.ts';

export interface JobPublisherDeps<Body> {
  readonly bus: Pick<TemplateBus, 'publish'>;
  readonly store: JobStore;
  readonly keys: JobKeys;
  readonly clock: Clock;
  readonly metrics: ValidatorMetrics;
  /** Absent: nothing is traced. */
  readonly tracer?: Tracer | undefined;
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
  /** Where the template is from; undefined: it is the one that was there. */
  readonly origin?: TemplateOrigin | undefined;
}

/** For its trace. */
export interface TemplateOrigin {
  readonly daemon: string;
  /** The daemon was asked for it, told it with the news, or its tip was enough to make one. */
  readonly way: 'asked' | 'told' | 'made';
  /** As the tracer tells time; undefined: nobody waited for it. */
  readonly askedMs?: number | undefined;
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
  /** What follows of it belongs to this trace; undefined: it is not traced, or another validator leads. */
  publish(body: Body, how: Publication): TraceContext | undefined;
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

  publish(offered: Body, how: Publication): TraceContext | undefined {
    const body = this.#current === undefined ? offered : this.#family.condense(offered, this.#current.body);
    const takenAtMs = this.#deps.clock();
    const trace = this.#give(body, takenAtMs, how);
    if (this.#isGiven) this.#stages.template.observe((takenAtMs - how.sinceMs) / 1000);
    return trace;
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

  #give(body: Body, takenAtMs: number, how: Publication): TraceContext | undefined {
    const { store, keys, clock, metrics, bus, fellows, tracer = noTracer } = this.#deps;
    const { cleanJobs, source, sinceMs } = how;
    // What is only kept ready leads to nothing.
    const work = traceWork(this.isLeading ? tracer : noTracer, this.#poolId, how);
    const trace = work.context;
    const nowMs = clock();
    const aux = this.#deps.aux();
    const payees = this.#deps.payees();
    const options = { ...keys.next(), body, cleanJobs, nowMs, aux, payees, trace };
    const job = buildJob(this.#family, options);
    this.#current = { job, body, takenAtMs, aux, payees };
    this.#stoppedReason = undefined;
    this.#isGiven = this.isLeading;
    if (this.#isGiven) {
      store.add(job, nowMs);
      store.expire(nowMs);
      bus.publish(templateSubject(this.#poolId), job.template, trace);
      fellows?.sharing.give(options);
      const publishedMs = clock();
      this.#stages.job.observe((publishedMs - nowMs) / 1000);
      metrics.templateSeconds.observe({ pool: this.#poolId, source }, (publishedMs - sinceMs) / 1000);
    }
    work.end(job.template);
    fellows?.leadership.stand(true);
    this.#showOffice();
    return trace;
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
