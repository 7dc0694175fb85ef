/**
 * How work reaches a session, whatever its dialect: under terms that never change afterwards. A change of
 * difficulty gives the same work again under another job id; where the header itself is the id it waits for the
 * next header.
 */
import {
  admit,
  close,
  type Lease,
  MAX_JOBS_PER_SESSION,
  MAX_VARIANT,
  setCeiling,
  settleReply,
  startDifficulty,
  startWindow,
} from '@otedama/stratum';
import type { Work } from '../jobs/work.ts';
import type { GivenJob, Session, SessionTurn } from './types.ts';

const WHOLE_RANGE = new Uint8Array();

/** The newest job of the current header, which may have come under another key. */
const jobOfNow = ({ jobs, work }: Session): GivenJob | undefined =>
  jobs.findLast((job) => job.work.headerHex === work?.headerHex);

/** A job of the current work under the terms of this moment; undefined while the peer cannot use one. */
const openJob = (turn: SessionTurn): GivenJob | undefined => {
  const { session } = turn;
  const { flavour, work, lease, jobs, env } = session;
  if (flavour === undefined || work === undefined || session.accounts.size === 0) return undefined;
  if (session.stoppedReason !== undefined || (flavour.partitioned && lease === undefined)) return undefined;
  const variant = (jobs.findLast((job) => job.work === work)?.variant ?? -1) + 1;
  if (variant > MAX_VARIANT) return undefined;
  if (session.shown === undefined) startWindow(session.vardiff, turn.nowMs);
  const prefix = flavour.partitioned ? (lease?.extranonce1 ?? WHOLE_RANGE) : WHOLE_RANGE;
  const job = { work, variant, terms: { target: env.targets.of(session.vardiff.difficulty), prefix } };
  jobs.push(job);
  if (jobs.length > MAX_JOBS_PER_SESSION) jobs.shift();
  return job;
};

export const giveWork = (turn: SessionTurn, clean: boolean): void => {
  const { session } = turn;
  const { flavour, shown } = session;
  if (flavour === undefined || (flavour.jobIsHeader && jobOfNow(session) !== undefined)) return;
  const job = openJob(turn);
  if (job === undefined) return;
  session.shown = job;
  flavour.show(turn, job, shown, clean);
};

/** For a miner that asks: the job that it has, or its first. */
export const jobToShow = (turn: SessionTurn): GivenJob | undefined => {
  const { session } = turn;
  if (session.stoppedReason !== undefined) return undefined;
  const job = jobOfNow(session) ?? openJob(turn);
  session.shown = job ?? session.shown;
  return job;
};

/** Work for a peer that has just become able to use it. A first job always replaces what it did before. */
export const giveFirstWork = (turn: SessionTurn): void => {
  if (turn.session.jobs.length === 0) giveWork(turn, true);
};

/** The workers of a resumed session: its miner may go on with their tokens without a word. */
const recallWorkers = (turn: SessionTurn, sessionId: string): void => {
  const { session } = turn;
  session.tokens = [...session.env.roster.of(sessionId)];
  for (const user of session.tokens) admit(turn, session.env, user);
};

export const takeLease = (turn: SessionTurn, lease: Lease): void => {
  const { session } = turn;
  const { flavour, subscribing } = session;
  session.lease = lease;
  // Of an estate the difficulty alone is of use: the history is the pool's, and here already.
  if (lease.estate !== undefined) startDifficulty(session.vardiff, lease.estate.difficulty, turn.nowMs);
  if (flavour === undefined || subscribing === undefined) return;
  session.subscribing = undefined;
  settleReply(turn, subscribing.ticket, flavour.subscribed(subscribing.id, lease));
  if (lease.sessionId === subscribing.earlier) recallWorkers(turn, lease.sessionId);
  giveFirstWork(turn);
};

export const changeLease = (turn: SessionTurn, lease: Lease): void => {
  const { session } = turn;
  if (session.flavour?.partitioned !== true) return;
  if (!session.flavour.announceLease(turn, lease)) {
    close(turn, 'extranonce-changed');
    return;
  }
  session.lease = lease;
  giveWork(turn, false);
};

/**
 * True when nothing is left. The book decides, not this template's clean flag alone: a session that a
 * broadcast reaches late may have missed the template that replaced its jobs.
 */
const dropDeadJobs = ({ jobs, env }: Session): boolean => {
  const live = jobs.filter((job) => env.book.isLive(job.work.template.jobKey));
  if (live.length < jobs.length) jobs.splice(0, jobs.length, ...live);
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
