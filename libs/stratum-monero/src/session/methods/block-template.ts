/**
 * block_template: the template that a miner in self-select has of its own daemon. What it says beside the blob is
 * held against the job here, which costs nothing; the blob itself is judged where the pool's keys are.
 */
import { difficultyToTarget256, fromHex, isHex, seedHeight } from '@otedama/cryptonote';
import {
  type RejectReason,
  type Request,
  type TemplateOutcome,
  charge,
  encodeHex,
  refuse,
  reserveReply,
  settleReply,
} from '@otedama/stratum';
import { STATUS_OK, encodeRefusal, encodeResult } from '../../codec/encode.ts';
import { type WorkTemplate, selfSelectNonceOf } from '../../jobs/work.ts';
import { findJob } from '../find-job.ts';
import { type Params, isForeign, paramsOf } from '../params.ts';
import type { GivenJob, Session, SessionTurn } from '../types.ts';

type Check =
  | { readonly ok: true; readonly job: GivenJob; readonly blob: Uint8Array }
  | { readonly ok: false; readonly reason: RejectReason; readonly detail?: string };

const no = (reason: RejectReason, detail?: string): Check =>
  detail === undefined ? { ok: false, reason } : { ok: false, reason, detail };

const isHash = (claim: unknown, hash: Uint8Array): boolean =>
  typeof claim === 'string' && claim.toLowerCase() === encodeHex(hash);

const isNetworkDifficulty = (claim: unknown, networkTarget: bigint): boolean =>
  typeof claim === 'number' &&
  Number.isSafeInteger(claim) &&
  claim > 0 &&
  difficultyToTarget256(BigInt(claim)) === networkTarget;

/** Two daemons that are at one block have one height, one key and one difficulty. */
const checkClaims = (params: Params, template: WorkTemplate): Check | undefined => {
  if (!isHash(params['prev_hash'], template.prevId)) return no('template-stale', 'another previous block');
  if (params['height'] !== template.height) return no('template-stale', 'another height');
  if (!isHash(params['seed_hash'], template.seedHash)) return no('template-refused', 'another seed hash');
  const { seed_height: height = seedHeight(template.height) } = params;
  if (height !== seedHeight(template.height)) return no('template-refused', 'another seed height');
  return isNetworkDifficulty(params['difficulty'], template.networkTarget)
    ? undefined
    : no('template-refused', 'another network difficulty');
};

const checkTemplate = (session: Session, params: Params): Check => {
  if (!session.isSelfSelect) return no('bad-params', 'the login was not for self-select');
  if (session.stoppedReason !== undefined) return no('work-stopped', session.stoppedReason);
  if (session.adopting !== undefined) return no('asked-too-often');
  const job = findJob(session, params['job_id']);
  if (typeof job === 'string') return no(job);
  if (session.adopted.has(job)) return no('bad-params', 'the job has its template');
  const claims = checkClaims(params, job.work.template);
  if (claims !== undefined) return claims;
  const { blob } = params;
  return isHex(blob) && blob !== ''
    ? { ok: true, job, blob: fromHex(blob) }
    : no('bad-params', 'blob is not hex');
};

export const blockTemplate = (turn: SessionTurn, request: Request): void => {
  const { session } = turn;
  const params = paramsOf(request);
  if (session.id === undefined) return refuse(turn, request, 'not-subscribed');
  if (params === undefined) return refuse(turn, request, 'bad-params', 'an object expected');
  if (isForeign(session, params)) return refuse(turn, request, 'unknown-session');
  const check = checkTemplate(session, params);
  if (!check.ok) return refuse(turn, request, check.reason, check.detail);
  const ticket = reserveReply(turn);
  if (ticket === undefined) return undefined;
  const { job, blob } = check;
  session.adopting = { ticket, id: request.id, job };
  const extraNonce = selfSelectNonceOf(job.session, job.variant);
  turn.effects.push({ kind: 'adopt', ticket, jobKey: job.work.template.jobKey, extraNonce, blob });
};

const REFUSED_AS = {
  stale: 'template-stale',
  refused: 'template-refused',
  unchecked: 'template-unchecked',
} as const satisfies Record<Exclude<TemplateOutcome['kind'], 'adopted'>, RejectReason>;

/** The verdict on a template; shares of its job come after the miner has heard of it. */
export const settleTemplate = (turn: SessionTurn, ticket: number, outcome: TemplateOutcome): void => {
  const { session } = turn;
  const { adopting } = session;
  if (adopting?.ticket !== ticket) return;
  session.adopting = undefined;
  if (outcome.kind === 'adopted') {
    session.adopted.add(adopting.job);
    settleReply(turn, ticket, encodeResult(adopting.id, STATUS_OK));
    return;
  }
  const reason = REFUSED_AS[outcome.kind];
  turn.effects.push({ kind: 'fault', reason });
  const detail = 'detail' in outcome ? outcome.detail : undefined;
  settleReply(turn, ticket, encodeRefusal(adopting.id, reason, detail));
  charge(turn, reason);
};
