/**
 * How work reaches a session: in the answer to its login, then by `job` whenever there is a new template or
 * another difficulty. Every job has a blob that no other job of any session has.
 */
import {
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
import { encodeJob, encodeLogin, encodeRefusal } from '../codec/encode.ts';
import { supports } from '../jobs/algorithm.ts';
import { shareTerms } from '../jobs/share-terms.ts';
import { MAX_TEMPLATE_LINE_BYTES } from '../limits.ts';
import { NO_PROXY, extraNonceOf, selfSelectNonceOf } from '../jobs/work.ts';
import type { Work } from '../jobs/work.ts';
import type { GivenJob, Session, SessionEnv, SessionTurn } from './types.ts';

const forgetLostJobs = (session: Session): void =>
  session.history.forget((jobKey) => !session.jobs.some((job) => job.work.template.jobKey === jobKey));

/** A new job on the current work; undefined when it was given in 256 variants: the next template is near. */
const giveJob = (session: Session, lease: Lease, work: Work): GivenJob | undefined => {
  const { jobs, env, vardiff } = session;
  const variant = (jobs.findLast((job) => job.work === work)?.variant ?? -1) + 1;
  if (variant > MAX_VARIANT) return undefined;
  const number = Buffer.from(lease.extranonce1).readUInt32BE();
  const terms = shareTerms(env.targets, vardiff.difficulty);
  const job: GivenJob = { work, variant, terms, session: number };
  jobs.push(job);
  if (jobs.length > MAX_JOBS_PER_SESSION) {
    jobs.shift();
    forgetLostJobs(session);
  }
  return job;
};

const minerJob = (env: SessionEnv, { work, variant, terms, session }: GivenJob): string => {
  const blob = env.blobOf(work.template, extraNonceOf(session, variant, NO_PROXY));
  const id = formatJobId(work.template.jobKey, variant);
  return `{"blob":"${encodeHex(blob)}","job_id":"${id}","target":"${terms.wire}",${work.common}}`;
};

const proxyJob = ({ work, variant, terms, session }: GivenJob): string => {
  const { blob, reservedOffset, clientPoolOffset, clientNonceOffset } = work.forProxy(session, variant);
  const id = formatJobId(work.template.jobKey, variant);
  return (
    `{"blocktemplate_blob":"${encodeHex(blob)}","job_id":"${id}",` +
    `"difficulty":${Math.max(1, Math.floor(work.networkDifficulty))},` +
    `"reserved_offset":${reservedOffset},"client_pool_offset":${clientPoolOffset},` +
    `"client_nonce_offset":${clientNonceOffset},"target_diff":${terms.target.difficulty},` +
    `"target_diff_hex":"${terms.wire}",${work.common}}`
  );
};

/** The miner fills it with a template of its own before it mines. */
const selfSelectJob = (poolWallet: string, { work, variant, terms, session }: GivenJob): string => {
  const extraNonce = encodeHex(selfSelectNonceOf(session, variant));
  const id = formatJobId(work.template.jobKey, variant);
  return (
    `{"job_id":"${id}","target":"${terms.wire}","extra_nonce":"${extraNonce}",` +
    `"pool_wallet":${JSON.stringify(poolWallet)},${work.common}}`
  );
};

/** JSON text of a job. Made anew when asked for: kept, the texts would be most of a session's memory. */
export const jobText = ({ env, isProxy, isSelfSelect }: Session, job: GivenJob): string => {
  if (isSelfSelect && env.selfSelect !== undefined) return selfSelectJob(env.selfSelect.poolWallet, job);
  return isProxy ? proxyJob(job) : minerJob(env, job);
};

/** Gives the current work under the terms of this moment to a miner that is logged in. */
export const pushJob = (turn: SessionTurn): void => {
  const { session } = turn;
  const { work, lease } = session;
  if (work === undefined || lease === undefined || session.id === undefined) return;
  if (session.stoppedReason !== undefined) return;
  const job = giveJob(session, lease, work);
  if (job !== undefined) send(turn, encodeJob(jobText(session, job)));
};

const extensionsOf = ({ tls }: SessionEnv): string[] => ['algo', 'keepalive', ...(tls ? ['tls'] : [])];

const refuseLogin = (
  turn: SessionTurn,
  reason: 'algorithm-not-offered' | 'work-stopped',
  detail: string,
): void => {
  const { loggingIn } = turn.session;
  if (loggingIn === undefined) return;
  turn.session.loggingIn = undefined;
  turn.effects.push({ kind: 'fault', reason });
  settleReply(turn, loggingIn.ticket, encodeRefusal(loggingIn.id, reason, detail));
};

/** A login can be answered once there is a lease, and work: its answer carries the first job. */
export const confirmLogin = (turn: SessionTurn): void => {
  const { session } = turn;
  const { lease, work, loggingIn, jobs } = session;
  if (lease === undefined || work === undefined || loggingIn === undefined) return;
  if (!supports(loggingIn.algorithms, work.algorithm)) {
    refuseLogin(turn, 'algorithm-not-offered', work.algorithm);
    return;
  }
  if (session.id === undefined) {
    startWindow(session.vardiff, turn.nowMs);
    giveJob(session, lease, work);
  }
  const job = jobs.at(-1);
  if (job === undefined) return;
  session.loggingIn = undefined;
  session.id ??= lease.sessionId;
  if (session.isSelfSelect) turn.effects.push({ kind: 'line-limit', bytes: MAX_TEMPLATE_LINE_BYTES });
  const text = jobText(session, job);
  settleReply(turn, loggingIn.ticket, encodeLogin(loggingIn.id, session.id, text, extensionsOf(session.env)));
};

export const takeLease = (turn: SessionTurn, lease: Lease): void => {
  turn.session.lease = lease;
  confirmLogin(turn);
};

/** No miner minds: the number is inside the blob. The session id that it knows stays good. */
export const changeLease = (turn: SessionTurn, lease: Lease): void => {
  turn.session.lease = lease;
  pushJob(turn);
};

/**
 * The book decides, not this template's clean flag alone: a session that a broadcast reaches late may have
 * missed the template that replaced its jobs.
 */
const dropDeadJobs = (session: Session): void => {
  const { jobs, env } = session;
  const live = jobs.filter((job) => env.book.isLive(job.work.template.jobKey));
  if (live.length === jobs.length) return;
  jobs.splice(0, jobs.length, ...live);
  forgetLostJobs(session);
};

/** A new template of the pool. */
export const takeWork = (turn: SessionTurn, work: Work): void => {
  const { session } = turn;
  const resumed = session.stoppedReason !== undefined;
  session.work = work;
  session.stoppedReason = undefined;
  dropDeadJobs(session);
  // Time without work says nothing about a miner.
  if (resumed) startWindow(session.vardiff, turn.nowMs);
  if (session.env.ceilingByNetwork) setCeiling(session.vardiff, work.networkDifficulty, turn.nowMs);
  pushJob(turn);
  confirmLogin(turn);
};

/** The miner keeps what it has, and its shares are refused; one that is just logging in may go elsewhere. */
export const stopWork = (turn: SessionTurn, reason: string): void => {
  turn.session.stoppedReason = reason;
  refuseLogin(turn, 'work-stopped', reason);
};
