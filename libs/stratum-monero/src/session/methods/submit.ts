/**
 * submit: the checks on this side of the hash, cheap before expensive, each with its own reason. The claimed
 * result can only end a share here, never make it count: what counts is the hash that the verifier computes.
 */
import {
  type Account,
  type CheckedShare,
  decodeHexInto,
  rejectShare,
  type Request,
  shareKey,
  type ShareReject,
  submitShare,
} from '@otedama/stratum';
import { isAtMost } from '../../jobs/share-terms.ts';
import { NO_PROXY, type ProxyNonces, extraNonceOf, selfSelectNonceOf } from '../../jobs/work.ts';
import { findJob } from '../find-job.ts';
import { type Params, isForeign, paramsOf } from '../params.ts';
import type { GivenJob, Session, SessionTurn } from '../types.ts';

type Check =
  | { readonly ok: true; readonly share: CheckedShare }
  | { readonly ok: false; readonly reason: ShareReject; readonly account: Account | undefined };

const no = (reason: ShareReject, account?: Account): Check => ({ ok: false, reason, account });

const scratch = Buffer.alloc(4);
const claim = new Uint8Array(32);

/** The four bytes as they stand in the blob, read as a little-endian number. */
const parseNonce = (text: unknown): number | undefined =>
  decodeHexInto(text, 4, scratch, 0) ? scratch.readUInt32LE() : undefined;

const isNonce = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xffffffff;

const proxyNonces = ({ isProxy }: Session, params: Params): ProxyNonces | undefined => {
  if (!isProxy) return NO_PROXY;
  const { poolNonce: pool, workerNonce: worker } = params;
  return isNonce(pool) && isNonce(worker) ? { pool, worker } : undefined;
};

/**
 * RandomX v2 holds the commitment against the target and sends it beside the hash. The network's target is
 * looked at too: where blocks are easier than shares, a block must not be lost.
 */
const checkClaim = ({ work, terms }: GivenJob, params: Params): ShareReject | undefined => {
  const commitment = work.algorithm === 'rx/2' ? params['commitment'] : undefined;
  if (!decodeHexInto(params['result'], 32, claim, 0)) return 'bad-result';
  if (commitment !== undefined && !decodeHexInto(commitment, 32, claim, 0)) return 'bad-result';
  const reaches = isAtMost(claim, terms.target.targetLe) || isAtMost(claim, work.networkTargetLe);
  return reaches ? undefined : 'low-difficulty';
};

const checkFields = (session: Session, job: GivenJob, account: Account, params: Params): Check => {
  if (session.isSelfSelect && !session.adopted.has(job)) return no('no-template', account);
  const nonce = parseNonce(params['nonce']);
  if (nonce === undefined) return no('bad-nonce', account);
  const proxy = proxyNonces(session, params);
  if (proxy === undefined) return no('bad-proxy-nonce', account);
  const badClaim = checkClaim(job, params);
  if (badClaim !== undefined) return no(badClaim, account);
  const extranonce = session.isSelfSelect
    ? selfSelectNonceOf(job.session, job.variant)
    : extraNonceOf(job.session, job.variant, proxy);
  const fields = { nTime: 0, nonce, version: 0 };
  const key = shareKey(extranonce, fields);
  const { jobKey } = job.work.template;
  const { target } = job.terms;
  return { ok: true, share: { account, jobKey, extranonce, ...fields, target, key, claimed: true } };
};

const isComplete = ({ job_id: jobId, nonce, result }: Params): boolean =>
  jobId !== undefined && nonce !== undefined && result !== undefined;

const checkShare = (session: Session, request: Request): Check => {
  const params = paramsOf(request);
  // There is one: a login is answered only after its account was admitted.
  const [account] = session.accounts.values();
  if (session.id === undefined || account === undefined) return no('not-subscribed');
  if (params === undefined) return no('bad-submit-params', account);
  if (isForeign(session, params)) return no('unknown-session', account);
  if (!isComplete(params)) return no('bad-submit-params', account);
  if (session.stoppedReason !== undefined) return no('work-stopped', account);
  const job = findJob(session, params['job_id']);
  return typeof job === 'string' ? no(job, account) : checkFields(session, job, account, params);
};

export const submit = (turn: SessionTurn, request: Request): void => {
  const check = checkShare(turn.session, request);
  if (check.ok) submitShare(turn, request, check.share);
  else rejectShare(turn, request, check.reason, check.account);
};
