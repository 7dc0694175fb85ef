/** mining.submit: the checks on this side of the hash, cheap before expensive, each with its own reason. */
import {
  type Account,
  type CheckedShare,
  encodeHex,
  hasPrefix,
  parseHash32,
  parseJobId,
  parseNonce64,
  rejectShare,
  type Request,
  shareKey,
  type ShareReject,
  submitShare,
} from '@otedama/stratum';
import type { GivenJob, Session, SessionTurn } from './types.ts';

type Check =
  | { readonly ok: true; readonly share: CheckedShare }
  | { readonly ok: false; readonly reason: ShareReject; readonly account: Account | undefined };

const no = (reason: ShareReject, account?: Account): Check => ({ ok: false, reason, account });

const findJob = (session: Session, jobId: unknown): GivenJob | ShareReject => {
  const id = parseJobId(jobId);
  if (id === undefined) return 'unknown-job';
  // The newest job is by far the most likely one.
  const job = session.jobs.findLast(
    ({ work, variant }) => work.template.jobKey === id.jobKey && variant === id.variant,
  );
  if (job !== undefined) return job;
  return session.env.book.isRetired(id.jobKey) ? 'stale' : 'unknown-job';
};

const NO_EXTRANONCE = new Uint8Array();

/** The nonce is the whole one, prefix and all. The header is said again by the miner; it is the job's that counts. */
const checkFields = (job: GivenJob, account: Account, params: readonly unknown[]): Check => {
  const nonce = parseNonce64(params[2]);
  if (nonce === undefined) return no('bad-nonce-64', account);
  if (!hasPrefix(nonce, job.terms.prefix)) return no('nonce-outside-prefix', account);
  const header = parseHash32(params[3]);
  if (header === undefined || encodeHex(header) !== job.work.headerHex) return no('bad-header', account);
  const mix = parseHash32(params[4]);
  if (mix === undefined) return no('bad-mix', account);
  const fields = { nTime: 0, nonce: nonce.low, version: nonce.high, extranonce: NO_EXTRANONCE };
  const { jobKey } = job.work.template;
  const key = shareKey(NO_EXTRANONCE, fields);
  return { ok: true, share: { ...fields, account, jobKey, mix, target: job.terms.target, key } };
};

/** params: user, job, nonce, header, mix. */
const checkShare = (session: Session, params: unknown): Check => {
  if (session.lease === undefined) return no('not-subscribed');
  if (!Array.isArray(params) || params.length < 5) return no('bad-submit-params');
  const account = typeof params[0] === 'string' ? session.accounts.get(params[0]) : undefined;
  if (account === undefined) return no('unauthorized-worker');
  if (session.stoppedReason !== undefined) return no('work-stopped', account);
  const job = findJob(session, params[1]);
  return typeof job === 'string' ? no(job, account) : checkFields(job, account, params);
};

export const submit = (turn: SessionTurn, request: Request): void => {
  const check = checkShare(turn.session, request.params);
  if (check.ok) submitShare(turn, request, check.share);
  else rejectShare(turn, request, check.reason, check.account);
};
