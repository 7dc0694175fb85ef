/** Makes jobs of templates and gives them out: to the verifier first, so that no share comes too early. */
import { type Clock, templateSubject, type TemplateBus } from '@otedama/contracts';
import type { TemplateSource, ValidatorMetrics } from '../metrics.ts';
import type { Family } from '../families/family.ts';
import type { AuxWorkSet } from '../aux/aux-work.ts';
import type { Job } from './job.ts';
import type { JobKeys } from './job-keys.ts';
import type { JobStore } from './job-store.ts';

export interface JobPublisherDeps {
  readonly bus: TemplateBus;
  readonly store: JobStore;
  readonly keys: JobKeys;
  readonly clock: Clock;
  readonly metrics: ValidatorMetrics;
  /** What is to be mined below the pool's chain now. */
  readonly aux: () => AuxWorkSet | undefined;
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
}

export interface JobPublisher<Body> {
  publish(body: Body, how: Publication): void;
  /** The current body in a new job, when what is mined below its chain has changed. */
  republish(): void;
  /** Tells the gateways to stop mining, once for each reason. */
  stop(reason: string): void;
  /** Undefined before the first job and while stopped. */
  current(): PublishedJob<Body> | undefined;
  stoppedReason(): string | undefined;
  expire(): void;
}

export const createJobPublisher = <Body>(
  deps: JobPublisherDeps,
  poolId: string,
  family: Pick<Family<Body>, 'condense' | 'buildJob'>,
): JobPublisher<Body> => {
  const { bus, store, keys, clock, metrics } = deps;
  const subject = templateSubject(poolId);
  let current: PublishedJob<Body> | undefined;
  let stoppedReason: string | undefined;

  const give = (body: Body, takenAtMs: number, { cleanJobs, source, sinceMs }: Publication): void => {
    const nowMs = clock();
    const aux = deps.aux();
    const job = family.buildJob({ ...keys.next(), body, cleanJobs, nowMs, aux });
    store.add(job, nowMs);
    store.expire(nowMs);
    current = { job, body, takenAtMs, aux };
    stoppedReason = undefined;
    bus.publish(subject, job.template);
    metrics.templateSeconds.observe({ pool: poolId, source }, (clock() - sinceMs) / 1000);
  };

  return {
    publish(offered, how) {
      const body = current === undefined ? offered : family.condense(offered, current.body);
      give(body, clock(), how);
    },
    republish() {
      if (current === undefined || current.aux === deps.aux()) return;
      give(current.body, current.takenAtMs, { cleanJobs: false, source: 'aux', sinceMs: clock() });
    },
    stop(reason) {
      current = undefined;
      if (stoppedReason === reason) return;
      stoppedReason = reason;
      bus.publish(subject, { poolId, stopped: true, reason });
    },
    current: () => current,
    stoppedReason: () => stoppedReason,
    expire: () => store.expire(clock()),
  };
};
