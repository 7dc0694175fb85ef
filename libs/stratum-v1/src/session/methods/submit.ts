/**
 * mining.submit: the checks on this side of the hash, cheap before expensive, each with its own reason.
 */
import {
  type Account,
  type CheckedShare,
  decodeHexInto,
  parseHex32,
  parseJobId,
  rejectShare,
  type Request,
  shareKey,
  type ShareReject,
  submitShare,
} from '@otedama/stratum';
import { rollVersion } from '../../version-rolling.ts';
import type { GivenJob, Session, SessionTurn } from '../types.ts';

type Check =
  | { readonly ok: true; readonly share: CheckedShare }
  | { readonly ok: false; readonly reason: ShareReject; readonly account: Account | undefined };

const no = (reason: ShareReject, account?: Account): Check => ({ ok: false, reason, account });

const findJob = (session: Session, jobId: unknown): GivenJob | ShareReject => {
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

const checkTime = (job: GivenJob, nTime: number | undefined): ShareReject | undefined => {
  if (nTime === undefined) return 'bad-ntime';
  const { minTime, maxTime } = job.work.template;
  return nTime < minTime || nTime > maxTime ? 'ntime-out-of-range' : undefined;
};

/** Absent bits leave the job's version as it is. */
const checkVersion = (job: GivenJob, bits: unknown): number | ShareReject => {
  const { version } = job.work.template;
  if (bits === undefined || bits === null) return version;
  const parsed = parseHex32(bits);
  if (parsed === undefined) return 'bad-version-bits';
  return rollVersion(version, job.terms.versionMask, parsed) ?? 'version-outside-mask';
};

const checkFields = (job: GivenJob, account: Account, params: readonly unknown[]): Check => {
  const { extranonce1, extranonce2Size } = job.terms;
  const extranonce = new Uint8Array(extranonce1.length + extranonce2Size);
  extranonce.set(extranonce1);
  if (!decodeHexInto(params[2], extranonce2Size, extranonce, extranonce1.length)) {
    return no('bad-extranonce2', account);
  }
  const nTime = parseHex32(params[3]);
  const badTime = checkTime(job, nTime);
  if (nTime === undefined || badTime !== undefined) return no(badTime ?? 'bad-ntime', account);
  const nonce = parseHex32(params[4]);
  if (nonce === undefined) return no('bad-nonce', account);
  const version = checkVersion(job, params[5]);
  if (typeof version === 'string') return no(version, account);
  const key = shareKey(extranonce, { nTime, nonce, version });
  const { jobKey } = job.work.template;
  const { target } = job.terms;
  return { ok: true, share: { account, jobKey, extranonce, nTime, nonce, version, target, key } };
};

const checkShare = (session: Session, params: unknown): Check => {
  if (session.lease === undefined) return no('not-subscribed');
  if (!Array.isArray(params) || params.length < 5) return no('bad-submit-params');
  const account = typeof params[0] === 'string' ? session.accounts.get(params[0]) : undefined;
  if (account === undefined) return no('unauthorized-worker');
  if (session.stoppedReason !== undefined) return no('work-stopped', account);
  const job = findJob(session, params[1]);
  if (typeof job === 'string') return no(job, account);
  return checkFields(job, account, params);
};

export const submit = (turn: SessionTurn, request: Request): void => {
  const check = checkShare(turn.session, request.params);
  if (check.ok) submitShare(turn, request, check.share);
  else rejectShare(turn, request, check.reason, check.account);
};
