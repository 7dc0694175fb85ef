/**
 * How work reaches a session: difficulty first, then the job that it holds for. A job is given under terms
 * that never change afterwards, except that a wider version mask holds at once, as BIP310 wants it.
 */
import {
  close,
  encodeHex,
  type Lease,
  MAX_JOBS_PER_SESSION,
  MAX_VARIANT,
  send,
  setCeiling,
  settleReply,
  startDifficulty,
  startWindow,
  tell,
} from '@otedama/stratum';
import {
  encodeSetDifficulty,
  encodeSetExtranonce,
  encodeSetVersionMask,
  encodeSubscribed,
} from '../codec/encode.ts';
import type { Work } from '../jobs/work.ts';
import { grantMask } from '../version-rolling.ts';
import type { GivenJob, Session, SessionTurn, Terms } from './types.ts';

export const termsNow = (session: Session, lease: Lease, work: Work): Terms => {
  const { difficulty } = session.vardiff;
  const versionMask = session.versionRolling?.granted ?? 0;
  const known = session.terms;
  // Most jobs differ from the one before in nothing but their work.
  if (
    known !== undefined &&
    known.target.difficulty === difficulty &&
    known.versionMask === versionMask &&
    known.extranonce1 === lease.extranonce1 &&
    known.extranonce2Size === work.extranonce2Size
  ) {
    return known;
  }
  session.terms = {
    target: session.env.targets.of(difficulty),
    extranonce1: lease.extranonce1,
    extranonce2Size: work.extranonce2Size,
    versionMask,
  };
  return session.terms;
};

/** One more than the last under the same template. */
const nextVariant = (jobs: readonly GivenJob[], work: Work): number =>
  (jobs.findLast((job) => job.work === work)?.variant ?? -1) + 1;

/** A coinbase that the firmware cuts off or crashes on is not given; its owner hears why, once. */
const fitsFirmware = (turn: SessionTurn, { coinbaseBytes }: Work): boolean => {
  const { session } = turn;
  const { name, maxCoinbaseBytes } = session.profile;
  const tooLarge = coinbaseBytes > maxCoinbaseBytes;
  if (tooLarge && !session.outgrown) {
    tell(
      turn,
      `No work: the coinbase has ${coinbaseBytes} bytes, and ${name} firmware takes ${maxCoinbaseBytes}`,
    );
  }
  session.outgrown = tooLarge;
  return !tooLarge;
};

/**
 * Gives the current work under the terms of this moment. Does nothing for a peer that cannot use it yet, or
 * when one template was given under 256 terms: the next template carries the change then.
 */
export const giveWork = (turn: SessionTurn, clean: boolean): void => {
  const { session } = turn;
  const { work, lease, jobs } = session;
  if (work === undefined || lease === undefined || session.accounts.size === 0) return;
  if (session.stoppedReason !== undefined || !fitsFirmware(turn, work)) return;
  const variant = nextVariant(jobs, work);
  if (variant > MAX_VARIANT) return;
  if (session.announced === undefined) startWindow(session.vardiff, turn.nowMs);
  if (session.announced !== session.vardiff.difficulty) {
    session.announced = session.vardiff.difficulty;
    send(turn, encodeSetDifficulty(session.announced));
  }
  keepJob(session, { work, variant, terms: termsNow(session, lease, work) });
  send(turn, work.notify(variant, clean));
};

export const keepJob = (session: Session, job: GivenJob): void => {
  session.jobs.push(job);
  if (session.jobs.length <= MAX_JOBS_PER_SESSION) return;
  session.jobs.shift();
  forgetLostJobs(session);
};

const forgetLostJobs = (session: Session): void =>
  session.history.forget((jobKey) => !session.jobs.some((job) => job.work.template.jobKey === jobKey));

/** The difficulty changed: tell it, and give the same work again so that it holds at once. */
export const offerDifficulty = (turn: SessionTurn): void => giveWork(turn, false);

/** Work for a peer that has just become able to use it. A first job always replaces what it did before. */
export const giveFirstWork = (turn: SessionTurn): void => {
  if (turn.session.jobs.length === 0) giveWork(turn, true);
};

/** mining.subscribe can be answered once there is a lease, and a template that tells the size of extranonce2. */
const confirmSubscription = (turn: SessionTurn): void => {
  const { session } = turn;
  const { lease, work, subscribing } = session;
  if (lease === undefined || work === undefined || subscribing === undefined) return;
  session.subscribing = undefined;
  const { ticket, id } = subscribing;
  settleReply(
    turn,
    ticket,
    encodeSubscribed(id, lease.sessionId, encodeHex(lease.extranonce1), work.extranonce2Size),
  );
};

export const takeLease = (turn: SessionTurn, lease: Lease): void => {
  const { session } = turn;
  session.lease = lease;
  const { estate } = lease;
  if (estate !== undefined) {
    session.history = estate.history;
    startDifficulty(session.vardiff, estate.difficulty, turn.nowMs);
  }
  confirmSubscription(turn);
  giveFirstWork(turn);
};

/** A lease can change under a miner only if it has said that it understands. */
export const changeLease = (turn: SessionTurn, lease: Lease): void => {
  const { session } = turn;
  if (!session.takesExtranonce || session.work === undefined) {
    close(turn, 'extranonce-changed');
    return;
  }
  session.lease = lease;
  send(turn, encodeSetExtranonce(encodeHex(lease.extranonce1), session.work.extranonce2Size));
  giveWork(turn, false);
};

/** Grants what pool and miner can both roll; jobs that are out may use it too, none loses what it had. */
export const applyMask = (session: Session, requested: number): number => {
  const poolMask = session.work?.template.versionMask ?? session.env.versionMask;
  const granted = grantMask(poolMask & session.profile.versionMask, requested);
  if (session.versionRolling?.granted !== granted) {
    session.jobs.forEach((job, index) => {
      const versionMask = (job.terms.versionMask | granted) >>> 0;
      session.jobs[index] = { ...job, terms: { ...job.terms, versionMask } };
    });
  }
  session.versionRolling = { requested, granted };
  return granted;
};

/** The mask of a miner that has one, after what limits it has changed. */
export const followMask = (turn: SessionTurn): void => {
  const { session } = turn;
  const { versionRolling } = session;
  if (versionRolling === undefined) return;
  const granted = applyMask(session, versionRolling.requested);
  if (granted !== versionRolling.granted) send(turn, encodeSetVersionMask(granted));
};

const followExtranonceSize = (turn: SessionTurn, before: Work | undefined, work: Work): void => {
  const { lease, takesExtranonce } = turn.session;
  if (lease === undefined || before === undefined || before.extranonce2Size === work.extranonce2Size) return;
  if (takesExtranonce) send(turn, encodeSetExtranonce(encodeHex(lease.extranonce1), work.extranonce2Size));
  else close(turn, 'extranonce-changed');
};

/**
 * True when nothing is left. The book decides, not this template's clean flag alone: a session that a
 * broadcast reaches late may have missed the template that replaced its jobs.
 */
export const dropDeadJobs = (session: Session): boolean => {
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
  const before = session.work;
  const resumed = session.stoppedReason !== undefined;
  session.work = work;
  session.stoppedReason = undefined;
  const clean = dropDeadJobs(session) || work.template.cleanJobs;
  // Time without work says nothing about a miner.
  if (resumed) startWindow(session.vardiff, turn.nowMs);
  if (session.env.ceilingByNetwork) setCeiling(session.vardiff, work.networkDifficulty, turn.nowMs);
  followExtranonceSize(turn, before, work);
  followMask(turn);
  confirmSubscription(turn);
  giveWork(turn, clean);
};

export const stopWork = (turn: SessionTurn, reason: string): void => {
  const { session } = turn;
  session.stoppedReason = reason;
  if (session.accounts.size > 0) tell(turn, `Pool has stopped work: ${reason}`);
};
