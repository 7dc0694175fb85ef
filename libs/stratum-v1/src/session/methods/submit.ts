/**
 * mining.submit: the checks on this side of the hash, cheap before expensive, each with its own reason. A
 * share that passes goes out for its verdict; its reply keeps its place in the line.
 */
import { encodeRefusal, encodeResult } from '../../codec/encode.ts';
import type { Request } from '../../codec/message.ts';
import { decodeHexInto, parseHex32 } from '../../hex.ts';
import { parseJobId } from '../../jobs/work.ts';
import { OFFENCE_CREDIT } from '../../limits.ts';
import type { ShareReject } from '../../rejects.ts';
import { recordShare } from '../../vardiff.ts';
import { rollVersion } from '../../version-rolling.ts';
import { answer, charge, close, reserveReply, settleReply, type Turn } from '../output.ts';
import { type ShareKey, shareKey } from '../share-history.ts';
import type { Account, GivenJob, Session, ShareOutcome } from '../types.ts';
import { offerDifficulty } from '../work-flow.ts';

interface CheckedShare {
  readonly account: Account;
  readonly job: GivenJob;
  readonly extranonce: Uint8Array;
  readonly nTime: number;
  readonly nonce: number;
  readonly version: number;
  readonly key: ShareKey;
}

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
  return { ok: true, share: { account, job, extranonce, nTime, nonce, version, key } };
};

const checkShare = (session: Session, params: unknown): Check => {
  if (session.lease === undefined) return no('not-subscribed');
  if (!Array.isArray(params) || params.length < 5) return no('bad-submit-params');
  const account = typeof params[0] === 'string' ? session.accounts.get(params[0]) : undefined;
  if (account === undefined) return no('unauthorized-worker');
  if (session.stoppedReason !== undefined) return no('work-stopped', account);
  const job = findJob(session, params[1]);
  if (typeof job === 'string') return no(job, account);
  const check = checkFields(job, account, params);
  if (!check.ok) return check;
  return session.history.has(job.work.template.jobKey, check.share.key) ? no('duplicate', account) : check;
};

const reject = (turn: Turn, request: Request, reason: ShareReject, account: Account | undefined): void => {
  turn.effects.push({ kind: 'counted', outcome: reason, account });
  answer(turn, encodeRefusal(request.id, reason));
  charge(turn, reason);
};

export const submit = (turn: Turn, request: Request): void => {
  const { session } = turn;
  const check = checkShare(session, request.params);
  if (!check.ok) {
    reject(turn, request, check.reason, check.account);
    return;
  }
  const { account, job, key, extranonce, nTime, nonce, version } = check.share;
  const { jobKey } = job.work.template;
  if (!session.history.hold(jobKey, key)) {
    reject(turn, request, 'too-many-shares', account);
    return;
  }
  const ticket = reserveReply(turn);
  if (ticket === undefined) return;
  const { target } = job.terms;
  session.pending.set(ticket, { id: request.id, account, jobKey, key, difficulty: target.difficulty });
  turn.effects.push({
    kind: 'submit',
    share: { ticket, jobKey, account, nTime, nonce, version, extranonce, target },
  });
};

const REJECTED_AS: Readonly<Record<Exclude<ShareOutcome, 'accepted' | 'undecided'>, ShareReject>> = {
  'low-difficulty': 'low-difficulty',
  // The verifier keeps a job at least as long as we do, until a block replaces it.
  'unknown-job': 'stale',
  unverifiable: 'unverifiable',
};

/** The verdict on an earlier share. Also for a peer that is gone: its history must stay right. */
export const settleShare = (turn: Turn, ticket: number, outcome: ShareOutcome): void => {
  const { session } = turn;
  const pending = session.pending.get(ticket);
  if (pending === undefined) return;
  session.pending.delete(ticket);
  const { id, account, jobKey, key, difficulty } = pending;
  // An undecided share may be in the log: taking it again could count it twice.
  session.history.settle(jobKey, key, outcome === 'accepted' || outcome === 'undecided');
  if (outcome === 'undecided') {
    close(turn, 'not-durable');
    return;
  }
  if (outcome !== 'accepted') {
    const reason = REJECTED_AS[outcome];
    turn.effects.push({ kind: 'counted', outcome: reason, account });
    settleReply(turn, ticket, encodeRefusal(id, reason));
    charge(turn, reason);
    return;
  }
  turn.effects.push({ kind: 'counted', outcome: 'accepted', account });
  settleReply(turn, ticket, encodeResult(id, 'true'));
  session.offences = Math.max(0, session.offences - OFFENCE_CREDIT);
  if (!session.closed && recordShare(session.vardiff, difficulty, turn.nowMs)) offerDifficulty(turn);
};
