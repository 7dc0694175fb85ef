/** The checks of a share that all the dialects have in common, each with its own reason. */
import {
  type Account,
  type CheckedShare,
  encodeHex,
  type Nonce64,
  parseHash32,
  parseJobId,
  rejectShare,
  type Request,
  shareKey,
  type ShareReject,
  submitShare,
} from '@otedama/stratum';
import type { GivenJob, Session, SessionTurn } from './types.ts';

export type Check =
  | { readonly ok: true; readonly share: CheckedShare }
  | { readonly ok: false; readonly reason: ShareReject; readonly account: Account | undefined };

export const no = (reason: ShareReject, account?: Account): Check => ({ ok: false, reason, account });

/** The book is asked as well: a new block may have reached the pool and not yet this session. */
const aliveOr = (session: Session, job: GivenJob | undefined, jobKey: number): GivenJob | ShareReject => {
  const { book } = session.env;
  if (job !== undefined && book.isLive(job.work.template.jobKey)) return job;
  return job !== undefined || book.isRetired(jobKey) ? 'stale' : 'unknown-job';
};

export const findJob = (session: Session, jobId: unknown): GivenJob | ShareReject => {
  const id = parseJobId(jobId);
  if (id === undefined) return 'unknown-job';
  // The newest job is by far the most likely one.
  const job = session.jobs.findLast(
    ({ work, variant }) => work.template.jobKey === id.jobKey && variant === id.variant,
  );
  return aliveOr(session, job, id.jobKey);
};

export const findJobByHeader = (session: Session, header: unknown): GivenJob | ShareReject => {
  const bytes = parseHash32(header);
  if (bytes === undefined) return 'unknown-job';
  const hex = encodeHex(bytes);
  const job = session.jobs.findLast(({ work }) => work.headerHex === hex);
  return aliveOr(session, job, session.env.book.jobKeyOf(hex) ?? -1);
};

const NO_EXTRANONCE = new Uint8Array();

/** Without a mix the verifier computes it: two of the dialects never tell it. */
export const sealed = (job: GivenJob, account: Account, nonce: Nonce64, mix?: Uint8Array): Check => {
  const fields = { nTime: 0, nonce: nonce.low, version: nonce.high };
  const { target } = job.terms;
  return {
    ok: true,
    share: {
      ...fields,
      account,
      jobKey: job.work.template.jobKey,
      extranonce: NO_EXTRANONCE,
      target,
      key: shareKey(NO_EXTRANONCE, fields),
      ...(mix === undefined ? {} : { mix }),
    },
  };
};

export const handIn = (turn: SessionTurn, request: Request, check: Check): void => {
  if (check.ok) submitShare(turn, request, check.share);
  else rejectShare(turn, request, check.reason, check.account);
};
