/** The job that a message of the miner names. */
import { parseJobId } from '@otedama/stratum';
import type { GivenJob, Session } from './types.ts';

export const findJob = (session: Session, jobId: unknown): GivenJob | 'stale' | 'unknown-job' => {
  const id = parseJobId(jobId);
  if (id === undefined) return 'unknown-job';
  const { jobKey, variant } = id;
  // The newest job is by far the most likely one.
  const job = session.jobs.findLast(
    (given) => given.work.template.jobKey === jobKey && given.variant === variant,
  );
  if (job !== undefined) return job;
  return session.env.book.isRetired(jobKey) ? 'stale' : 'unknown-job';
};
