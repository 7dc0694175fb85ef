/**
 * How work reaches a session: the target first, then the job that it holds for. A job is given under terms that
 * never change afterwards; a change of difficulty gives the same work again under another job id.
 */
import {
  close,
  encodeHex,
  formatJobId,
  type Lease,
  MAX_JOBS_PER_SESSION,
  MAX_VARIANT,
  send,
  setCeiling,
  settleReply,
  startWindow,
} from '@otedama/stratum';
import {
  encodeNotify,
  encodeSetExtranonce,
  encodeSetTarget,
  encodeSubscribed,
  targetHex,
} from '../codec/encode.ts';
import { type Work } from '../jobs/work.ts';
import type { GivenJob, Session, SessionTurn } from './types.ts';

const forgetLostJobs = ({ history, jobs }: Session): void =>
  history.forget((jobKey) => !jobs.some((job) => job.work.template.jobKey === jobKey));

const show = (turn: SessionTurn, { work, variant, terms }: GivenJob, clean: boolean): void => {
  const { session } = turn;
  const { difficulty, targetLe } = terms.target;
  const target = targetHex(targetLe);
  if (session.announced !== difficulty) {
    session.announced = difficulty;
    send(turn, encodeSetTarget(target));
  }
  const { headerHex, seedHex, bitsHex } = work;
  const { jobKey, height } = work.template;
  const jobId = formatJobId(jobKey, variant);
  send(turn, encodeNotify({ jobId, headerHex, seedHex, target, clean, height, bitsHex }));
};

/**
 * Gives the current work under the terms of this moment. Does nothing for a peer that cannot use it yet, or
 * when one template was given under 256 terms: the next template carries the change then.
 */
export const giveWork = (turn: SessionTurn, clean: boolean): void => {
  const { session } = turn;
  const { work, lease, jobs, env, vardiff } = session;
  if (work === undefined || lease === undefined || session.accounts.size === 0) return;
  if (session.stoppedReason !== undefined) return;
  const variant = (jobs.findLast((job) => job.work === work)?.variant ?? -1) + 1;
  if (variant > MAX_VARIANT) return;
  if (session.announced === undefined) startWindow(vardiff, turn.nowMs);
  const terms = { target: env.targets.of(vardiff.difficulty), prefix: lease.extranonce1 };
  const job = { work, variant, terms };
  jobs.push(job);
  if (jobs.length > MAX_JOBS_PER_SESSION) {
    jobs.shift();
    forgetLostJobs(session);
  }
  show(turn, job, clean);
};

/** Work for a peer that has just become able to use it. A first job always replaces what it did before. */
export const giveFirstWork = (turn: SessionTurn): void => {
  if (turn.session.jobs.length === 0) giveWork(turn, true);
};

/** Nobody comes back to a session here, so a lease is always a fresh one. */
export const takeLease = (turn: SessionTurn, lease: Lease): void => {
  const { session } = turn;
  const { subscribing } = session;
  session.lease = lease;
  if (subscribing === undefined) return;
  session.subscribing = undefined;
  settleReply(turn, subscribing.ticket, encodeSubscribed(subscribing.id, encodeHex(lease.extranonce1)));
  giveFirstWork(turn);
};

/** A lease can change under a miner only if it has said that it understands. */
export const changeLease = (turn: SessionTurn, lease: Lease): void => {
  const { session } = turn;
  if (!session.takesExtranonce) {
    close(turn, 'extranonce-changed');
    return;
  }
  session.lease = lease;
  send(turn, encodeSetExtranonce(encodeHex(lease.extranonce1)));
  giveWork(turn, false);
};

/**
 * True when nothing is left. The book decides, not this template's clean flag alone: a session that a
 * broadcast reaches late may have missed the template that replaced its jobs.
 */
const dropDeadJobs = (session: Session): boolean => {
  const { jobs, env } = session;
  const live = jobs.filter((job) => env.book.isLive(job.work.template.jobKey));
  if (live.length < jobs.length) {
    jobs.splice(0, jobs.length, ...live);
    forgetLostJobs(session);
  }
  return jobs.length === 0;
};

/** A new template of the pool. */
export const takeWork = (turn: SessionTurn, work: Work): void => {
  const { session } = turn;
  const resumed = session.stoppedReason !== undefined;
  session.work = work;
  session.stoppedReason = undefined;
  const clean = dropDeadJobs(session) || work.template.cleanJobs;
  // Time without work says nothing about a miner.
  if (resumed) startWindow(session.vardiff, turn.nowMs);
  if (session.env.ceilingByNetwork) setCeiling(session.vardiff, work.networkDifficulty, turn.nowMs);
  giveWork(turn, clean);
};
