/**
 * The client's half of a Stratum V1 session: (state, event, now) to state and effects, nothing else. Made
 * for pools as they are: notifications may come before the replies to the handshake, difficulty and
 * extranonce hold from the next job on, ids come back as strings, errors in four shapes.
 */
import { difficultyToTarget, targetToLe } from '@otedama/chain-params';
import { type Message, type Reply, type Request, decodeMessage } from '../codec/message.ts';
import { encodeRefusal, encodeResult } from '../codec/encode.ts';
import { MAX_PENDING_SUBMITS, MAX_POOL_FAULTS, MAX_RECENT_WORKS } from './limits.ts';
import {
  type PoolError,
  cleanText,
  isStale,
  parseConfigured,
  parseDifficulty,
  parseError,
  parseExtranonce,
  parseMask,
  parseNotify,
  parseReconnect,
  parseSubscribed,
} from './parse.ts';
import { FIRST_FREE_ID, RequestId, encodeHandshake, encodeSubmit } from './requests.ts';
import type {
  ClientEffect,
  ClientEvent,
  ClientOptions,
  ClientShare,
  ClientState,
  ClientStep,
  ClientWork,
  CloseReason,
  PoolFault,
  ShareOutcome,
} from './types.ts';

/** What a pool means that sends a job before it has named a difficulty. */
const DEFAULT_DIFFICULTY = 1;

type Draft = { -readonly [Key in keyof ClientState]: ClientState[Key] };

/** The state of one step under way: a shallow copy that its handlers write to. */
interface Context {
  readonly draft: Draft;
  readonly effects: ClientEffect[];
  readonly nowMs: number;
}

export const createClientState = (options: ClientOptions): ClientState => ({
  options,
  phase: 'new',
  connectedAtMs: 0,
  lastLineAtMs: 0,
  nextId: FIRST_FREE_ID,
  nextWorkId: 1,
  sessionId: undefined,
  extranonce: undefined,
  authorized: false,
  versionMask: 0,
  difficulty: undefined,
  job: undefined,
  works: new Map(),
  pending: new Map(),
  faults: 0,
});

const close = ({ draft, effects }: Context, reason: CloseReason, text = ''): void => {
  draft.phase = 'closed';
  effects.push({ kind: 'close', reason, text });
};

const fault = (context: Context, kind: PoolFault): void => {
  context.draft.faults += 1;
  context.effects.push({ kind: 'fault', fault: kind });
  if (context.draft.faults >= MAX_POOL_FAULTS) close(context, 'too-many-faults');
};

/** Gives the newest job to the devices, under the terms that hold now. */
const startWork = ({ draft, effects }: Context): void => {
  const { job, extranonce, phase } = draft;
  if (phase !== 'ready' || job === undefined || extranonce === undefined) return;
  const difficulty = draft.difficulty ?? DEFAULT_DIFFICULTY;
  const work: ClientWork = {
    ...job,
    ...extranonce,
    workId: draft.nextWorkId,
    versionMask: draft.versionMask,
    difficulty,
    targetLe: targetToLe(difficultyToTarget(draft.options.algorithm, difficulty)),
  };
  draft.nextWorkId = (draft.nextWorkId + 1) >>> 0;
  const works = new Map(job.clean ? [] : draft.works).set(work.workId, work);
  for (const oldest of works.keys()) {
    if (works.size <= MAX_RECENT_WORKS) break;
    works.delete(oldest);
  }
  draft.works = works;
  effects.push({ kind: 'work', work });
};

const becomeReady = (context: Context): void => {
  const { draft, effects } = context;
  if (draft.phase !== 'handshake' || !draft.authorized || draft.extranonce === undefined) return;
  draft.phase = 'ready';
  effects.push({ kind: 'ready', sessionId: draft.sessionId });
  startWork(context);
};

/**
 * A job's terms are those at its notify. Only what a pool says before it has said it for the first time holds
 * at once: there were no terms, and the job would wait for ever under none.
 */
const notify = (context: Context, params: unknown): void => {
  const job = parseNotify(params);
  if (job === undefined) return fault(context, 'bad-params');
  context.draft.job = job;
  startWork(context);
};

const setDifficulty = (context: Context, params: unknown): void => {
  const difficulty = parseDifficulty(Array.isArray(params) ? params[0] : undefined);
  if (difficulty === undefined) return fault(context, 'bad-params');
  const first = context.draft.difficulty === undefined;
  context.draft.difficulty = difficulty;
  if (first) startWork(context);
};

const setExtranonce = (context: Context, params: unknown): void => {
  const [extranonce1, size] = (Array.isArray(params) ? params : []) as unknown[];
  const extranonce = parseExtranonce(extranonce1, size);
  if (extranonce === undefined) return fault(context, 'bad-params');
  context.draft.extranonce = extranonce;
  becomeReady(context);
};

/**
 * BIP310: valid at once. Pools bind the mask to the job all the same, so what is being mined keeps to the
 * bits that are good under both, and the next job gets the new mask.
 */
const setVersionMask = (context: Context, params: unknown): void => {
  const mask = parseMask(Array.isArray(params) ? params[0] : undefined);
  if (mask === undefined) return fault(context, 'bad-params');
  const { draft } = context;
  const wanted = (mask & draft.options.versionMask) >>> 0;
  const current = [...draft.works.values()].at(-1);
  if (current !== undefined && (current.versionMask & ~wanted) !== 0) {
    draft.versionMask = (current.versionMask & wanted) >>> 0;
    startWork(context);
  }
  draft.versionMask = wanted;
};

const requestHandlers: Readonly<Record<string, (context: Context, params: unknown) => void>> = {
  'mining.notify': notify,
  'mining.set_difficulty': setDifficulty,
  'mining.set_extranonce': setExtranonce,
  'mining.set_version_mask': setVersionMask,
  'client.show_message': ({ effects }, params) => {
    const text = cleanText(Array.isArray(params) ? params[0] : undefined);
    if (text !== '') effects.push({ kind: 'message', text });
  },
  'client.reconnect': ({ effects }, params) =>
    void effects.push({ kind: 'reconnect', ...parseReconnect(params) }),
};

const answers: Readonly<Record<string, (options: ClientOptions) => string>> = {
  'client.get_version': ({ agent }) => JSON.stringify(agent),
  'mining.ping': () => '"pong"',
};

const onRequest = (context: Context, message: Request): void => {
  const handler = Object.hasOwn(requestHandlers, message.method)
    ? requestHandlers[message.method]
    : undefined;
  if (handler !== undefined) return handler(context, message.params);
  const answer = Object.hasOwn(answers, message.method) ? answers[message.method] : undefined;
  if (answer !== undefined) {
    const line = encodeResult(message.id, answer(context.draft.options));
    context.effects.push({ kind: 'send', line });
  } else if (message.id !== 'null') {
    context.effects.push({ kind: 'send', line: encodeRefusal(message.id, 'unknown-method') });
  }
};

const onSubscribed = (context: Context, reply: Reply): void => {
  if (reply.error !== null) return close(context, 'subscribe-refused', parseError(reply.error).text);
  const subscribed = parseSubscribed(reply.result);
  if (subscribed === undefined) return close(context, 'extranonce-unusable');
  context.draft.sessionId = subscribed.sessionId;
  context.draft.extranonce = subscribed.extranonce;
  becomeReady(context);
};

const onAuthorized = (context: Context, reply: Reply): void => {
  if (reply.error !== null || reply.result === false) {
    return close(context, 'unauthorized', parseError(reply.error).text);
  }
  context.draft.authorized = true;
  becomeReady(context);
};

/** A pool that does not know mining.configure answers with an error, or never: no mask then. */
const onConfigured = (context: Context, reply: Reply): void => {
  const { draft } = context;
  draft.versionMask =
    (parseConfigured(reply.error === null ? reply.result : null) & draft.options.versionMask) >>> 0;
  if (draft.versionMask !== 0) startWork(context);
};

/** `{"reject-reason": …, "result": false, "error": null}` is the one reply whose reason stands elsewhere. */
const refusalOf = (reply: Reply, line: Buffer): PoolError => {
  if (reply.error !== null) return parseError(reply.error);
  const outer = JSON.parse(line.toString('utf8')) as Record<string, unknown>;
  return { code: undefined, text: cleanText(outer['reject-reason']) };
};

const onSubmitted = (context: Context, id: number, reply: Reply, line: Buffer): void => {
  const { draft, effects } = context;
  const submit = draft.pending.get(id);
  if (submit === undefined) return fault(context, 'unknown-reply');
  const pending = new Map(draft.pending);
  pending.delete(id);
  draft.pending = pending;
  const accepted = reply.error === null && reply.result === true;
  let outcome: ShareOutcome = { kind: 'accepted' };
  if (accepted) {
    draft.faults = 0;
  } else {
    const refusal = refusalOf(reply, line);
    outcome = { kind: 'rejected', stale: isStale(refusal), ...refusal };
  }
  effects.push({ kind: 'verdict', outcome, difficulty: submit.difficulty });
};

const onReply = (context: Context, reply: Reply, line: Buffer): void => {
  // Kept as JSON text: some pools send our numbers back as strings.
  const id = Number(reply.id.replaceAll('"', ''));
  switch (id) {
    case RequestId.configure:
      return onConfigured(context, reply);
    case RequestId.subscribe:
      return onSubscribed(context, reply);
    case RequestId.authorize:
      return onAuthorized(context, reply);
    case RequestId.suggestDifficulty:
    case RequestId.extranonce:
      return;
    default:
      return onSubmitted(context, id, reply, line);
  }
};

const onLine = (context: Context, bytes: Buffer): void => {
  context.draft.lastLineAtMs = context.nowMs;
  const message: Message = decodeMessage(bytes);
  if (message.kind === 'invalid') return fault(context, message.fault);
  if (message.kind === 'request') return onRequest(context, message);
  onReply(context, message, bytes);
};

const onConnected = ({ draft, effects, nowMs }: Context): void => {
  draft.phase = 'handshake';
  draft.connectedAtMs = nowMs;
  draft.lastLineAtMs = nowMs;
  for (const line of encodeHandshake(draft.options)) effects.push({ kind: 'send', line });
};

const onSubmit = ({ draft, effects, nowMs }: Context, share: ClientShare): void => {
  const work = draft.works.get(share.workId);
  if (work === undefined) {
    effects.push({ kind: 'verdict', outcome: { kind: 'dropped', reason: 'stale' }, difficulty: 0 });
    return;
  }
  const { difficulty } = work;
  if (draft.pending.size >= MAX_PENDING_SUBMITS) {
    effects.push({ kind: 'verdict', outcome: { kind: 'dropped', reason: 'too-many-pending' }, difficulty });
    return;
  }
  const id = draft.nextId;
  draft.nextId += 1;
  draft.pending = new Map(draft.pending).set(id, { difficulty, sentAtMs: nowMs });
  effects.push({ kind: 'send', line: encodeSubmit(id, draft.options.user, work, share) });
};

const forgetUnanswered = ({ draft, effects, nowMs }: Context): void => {
  const since = nowMs - draft.options.replyTimeoutMs;
  const late = [...draft.pending].filter(([, submit]) => submit.sentAtMs <= since);
  if (late.length === 0) return;
  const pending = new Map(draft.pending);
  for (const [id, { difficulty }] of late) {
    pending.delete(id);
    effects.push({ kind: 'verdict', outcome: { kind: 'unanswered' }, difficulty });
  }
  draft.pending = pending;
};

const onTick = (context: Context): void => {
  const { draft, nowMs } = context;
  const { handshakeTimeoutMs, silenceTimeoutMs } = draft.options;
  if (draft.phase === 'handshake' && nowMs - draft.connectedAtMs >= handshakeTimeoutMs) {
    return close(context, 'handshake-timeout');
  }
  forgetUnanswered(context);
  if (nowMs - draft.lastLineAtMs >= silenceTimeoutMs) close(context, 'silence');
};

const apply = (context: Context, event: ClientEvent): void => {
  switch (event.kind) {
    case 'connected':
      return onConnected(context);
    case 'line':
      return onLine(context, event.bytes);
    case 'submit':
      return onSubmit(context, event.share);
    case 'tick':
      return onTick(context);
  }
};

/** A closed session ignores everything: a new connection begins with a new state. */
export const stepClient = (state: ClientState, event: ClientEvent, nowMs: number): ClientStep => {
  const waiting = state.phase === 'new' && event.kind !== 'connected';
  if (state.phase === 'closed' || waiting) return { state, effects: [] };
  const context: Context = { draft: { ...state }, effects: [], nowMs };
  apply(context, event);
  return { state: context.draft, effects: context.effects };
};
