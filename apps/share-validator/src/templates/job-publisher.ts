/** Makes jobs of templates and gives them out: to the verifier first, so that no share comes too early. */
import type { BlockTemplate, TemplateTransaction } from '@otedama/bitcoin-family';
import { type Clock, templateSubject, type TemplateBus } from '@otedama/contracts';
import type { TemplateSource, ValidatorMetrics } from '../metrics.ts';
import { buildJob, type Job, type JobIdentity } from './job.ts';
import type { JobKeys } from './job-keys.ts';
import type { JobStore } from './job-store.ts';

export interface JobPublisherDeps {
  readonly bus: TemplateBus;
  readonly store: JobStore;
  readonly keys: JobKeys;
  readonly clock: Clock;
  readonly metrics: ValidatorMetrics;
}

export interface Publication {
  readonly cleanJobs: boolean;
  readonly source: TemplateSource;
  /** When the news came that led to this template. */
  readonly sinceMs: number;
}

export interface JobPublisher {
  publish(body: BlockTemplate, how: Publication): void;
  /** Tells the gateways to stop mining, once for each reason. */
  stop(reason: string): void;
  /** Undefined before the first job and while stopped. */
  current(): Job | undefined;
  stoppedReason(): string | undefined;
  expire(): void;
}

/**
 * Consecutive templates of one tip hold mostly the same transactions, megabytes of them: keeping one copy of
 * each makes twenty jobs cost little more than one.
 */
const shareTransactions = (body: BlockTemplate, previous: BlockTemplate | undefined): BlockTemplate => {
  if (previous === undefined || previous.transactions.length === 0) return body;
  const key = ({ txid }: TemplateTransaction): string => Buffer.from(txid).toString('latin1');
  const known = new Map(previous.transactions.map((transaction) => [key(transaction), transaction]));
  const transactions = body.transactions.map((transaction) => {
    const same = known.get(key(transaction));
    // A transaction may come again with another witness, and then the block needs the new bytes.
    return same !== undefined && same.data === transaction.data ? same : transaction;
  });
  return { ...body, transactions };
};

export const createJobPublisher = (deps: JobPublisherDeps, pool: JobIdentity): JobPublisher => {
  const { bus, store, keys, clock, metrics } = deps;
  const subject = templateSubject(pool.poolId);
  let current: Job | undefined;
  let stoppedReason: string | undefined;

  return {
    publish(body, { cleanJobs, source, sinceMs }) {
      const nowMs = clock();
      const shared = shareTransactions(body, current?.body);
      const job = buildJob(pool, { ...keys.next(), body: shared, cleanJobs, nowMs });
      store.add(job, nowMs);
      store.expire(nowMs);
      current = job;
      stoppedReason = undefined;
      bus.publish(subject, job.template);
      metrics.templateSeconds.observe({ pool: pool.poolId, source }, (clock() - sinceMs) / 1000);
    },
    stop(reason) {
      current = undefined;
      if (stoppedReason === reason) return;
      stoppedReason = reason;
      bus.publish(subject, { poolId: pool.poolId, stopped: true, reason });
    },
    current: () => current,
    stoppedReason: () => stoppedReason,
    expire: () => store.expire(clock()),
  };
};
