/**
 * New work for the many sessions that need nothing of it but its line, which is the same for all. They are not asked:
 * the line is sent to them, and what it means to a session is made up for at its next step, out of what the session
 * and the book of works were all the while.
 */
import { setCeiling } from '@otedama/stratum';
import type { Work } from '../jobs/work.ts';
import type { Session } from './types.ts';
import { dropDeadJobs, keepJob, termsNow } from './work-flow.ts';

/** Of the lines of a work, the one for whoever had no job on it before. */
const FIRST_VARIANT = 0;

/** It has the newest work that it knows of, at the difficulty it was told, and nothing is open between it and us. */
export const canFollow = (session: Session): boolean => {
  const { work, jobs, vardiff, profile } = session;
  return (
    work !== undefined &&
    jobs.at(-1)?.work === work &&
    session.announced === vardiff.difficulty &&
    session.stoppedReason === undefined &&
    session.subscribing === undefined &&
    !session.outgrown &&
    // It may have named its firmware after it was given the job.
    work.coinbaseBytes <= profile.maxCoinbaseBytes &&
    !session.closed
  );
};

/** Whether whoever has the work before needs to hear of nothing but the next one's job. */
const isAlike = (before: Work, next: Work): boolean =>
  next.extranonce2Size === before.extranonce2Size &&
  next.template.versionMask === before.template.versionMask &&
  // What is no larger fits the firmware; what is no easier leaves all difficulties below the network's.
  next.coinbaseBytes <= before.coinbaseBytes &&
  next.networkDifficulty >= before.networkDifficulty;

export const commonLine = (before: Work, next: Work, clean: boolean): Buffer | undefined =>
  isAlike(before, next) ? next.notify(FIRST_VARIANT, clean) : undefined;

/** Of several works that it was sent, those that have been replaced since are as if it had never had them. */
export const catchUp = (session: Session, work: Work, nowMs: number): void => {
  const { lease, env, work: before } = session;
  if (lease === undefined || before === undefined) return;
  session.work = work;
  if (env.ceilingByNetwork) setCeiling(session.vardiff, work.networkDifficulty, nowMs);
  dropDeadJobs(session);
  for (const one of env.book.liveBetween(before, work)) {
    keepJob(session, { work: one, variant: FIRST_VARIANT, terms: termsNow(session, lease, one) });
  }
};
