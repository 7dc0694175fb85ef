/**
 * The client's half of a session in any dialect: (state, event, now) to state and effects, nothing else. What
 * all of them need is here: logging in before a deadline, faults, jobs, shares on their way, silence. A
 * dialect adds its messages as `ClientRules`.
 */
import { type Reply, type Request, decodeMessage } from '../message.ts';
import { rejects } from '../rejects.ts';
import { MAX_PENDING_SUBMITS, MAX_POOL_FAULTS, MAX_RECENT_WORKS } from './limits.ts';
import { type PoolError, cleanText, isStale, parseError, parseReconnect } from './parse.ts';
import type {
  ClientEffect,
  ClientEvent,
  ClientOptions,
  ClientShare,
  ClientWork,
  CloseReason,
  PoolDialect,
  PoolFault,
} from './types.ts';

export interface PendingSubmit {
  readonly difficulty: number;
  readonly sentAtMs: number;
}

/** `Own` is what the dialect keeps: a flat record, copied for each step. */
export interface ClientState<Own> {
  readonly options: ClientOptions;
  readonly phase: 'new' | 'handshake' | 'ready' | 'closed';
  readonly connectedAtMs: number;
  readonly lastLineAtMs: number;
  readonly lastSentAtMs: number;
  readonly nextId: number;
  readonly nextWorkId: number;
  readonly sessionId: string | undefined;
  /** By work id, oldest first: what shares may still be sent for. */
  readonly works: ReadonlyMap<number, ClientWork>;
  readonly pending: ReadonlyMap<number, PendingSubmit>;
  readonly faults: number;
  readonly own: Readonly<Own>;
}

type Draft<Own> = { -readonly [Key in Exclude<keyof ClientState<Own>, 'own'>]: ClientState<Own>[Key] } & {
  own: Own;
};

/** The state of one step under way: a copy that its handlers write to. */
export interface ClientTurn<Own> {
  readonly draft: Draft<Own>;
  readonly effects: ClientEffect[];
  readonly nowMs: number;
}

/** The messages of a dialect. Handlers write to the draft of the turn. */
export interface ClientRules<Own> {
  readonly start: Readonly<Own>;
  /** Sent all at once, with ids below FIRST_FREE_ID: one round trip, and replies need no table. */
  handshake(options: ClientOptions): readonly string[];
  /** Replies to the handshake, by its ids. */
  readonly replies: Readonly<Record<number, (turn: ClientTurn<Own>, reply: Reply) => void>>;
  readonly methods: Readonly<Record<string, (turn: ClientTurn<Own>, params: unknown) => void>>;
  submit(turn: ClientTurn<Own>, id: number, work: ClientWork, share: ClientShare): string;
  isAccepted(result: unknown): boolean;
  /** A refusal that means the pool no longer knows the session. */
  isLost?(refusal: PoolError): boolean;
  /** A reply to nothing; true when the dialect means something by it. */
  unasked?(turn: ClientTurn<Own>, reply: Reply): boolean;
  tick?(turn: ClientTurn<Own>): void;
}

export interface ClientStep<Own> {
  readonly state: ClientState<Own>;
  readonly effects: readonly ClientEffect[];
}

export interface Client<Own> extends PoolDialect {
  create(options: ClientOptions): ClientState<Own>;
  /** A closed session ignores everything: a new connection begins with a new state. */
  step(state: ClientState<Own>, event: ClientEvent, nowMs: number): ClientStep<Own>;
}

export const FIRST_FREE_ID = 10;

export const sendLine = <Own>({ draft, effects, nowMs }: ClientTurn<Own>, line: string): void => {
  draft.lastSentAtMs = nowMs;
  effects.push({ kind: 'send', line });
};

export const closeClient = <Own>(
  { draft, effects }: ClientTurn<Own>,
  reason: CloseReason,
  text = '',
): void => {
  draft.phase = 'closed';
  effects.push({ kind: 'close', reason, text });
};

export const fault = <Own>(turn: ClientTurn<Own>, kind: PoolFault): void => {
  turn.draft.faults += 1;
  turn.effects.push({ kind: 'fault', fault: kind });
  if (turn.draft.faults >= MAX_POOL_FAULTS) closeClient(turn, 'too-many-faults');
};

/** Logged in. */
export const enter = <Own>({ draft, effects }: ClientTurn<Own>, sessionId: string | undefined): void => {
  draft.phase = 'ready';
  draft.sessionId = sessionId;
  effects.push({ kind: 'ready', sessionId });
};

/** Gives a job to the devices. */
export const giveWork = <Own>({ draft, effects }: ClientTurn<Own>, job: Omit<ClientWork, 'workId'>): void => {
  const work: ClientWork = { ...job, workId: draft.nextWorkId };
  draft.nextWorkId = (draft.nextWorkId + 1) >>> 0;
  const works = new Map(job.clean ? [] : draft.works).set(work.workId, work);
  for (const oldest of works.keys()) {
    if (works.size <= MAX_RECENT_WORKS) break;
    works.delete(oldest);
  }
  draft.works = works;
  effects.push({ kind: 'work', work });
};

/** Asked of every client now and then, whatever the dialect. */
const answers: Readonly<Record<string, (options: ClientOptions) => string>> = {
  'client.get_version': ({ agent }) => JSON.stringify(agent),
  'mining.ping': () => '"pong"',
};

const messages: Readonly<
  Record<string, (params: unknown) => Extract<ClientEffect, { kind: 'message' | 'reconnect' }> | undefined>
> = {
  'client.show_message': (params) => {
    const text = cleanText(Array.isArray(params) ? params[0] : undefined);
    return text === '' ? undefined : { kind: 'message', text };
  },
  'client.reconnect': (params) => ({ kind: 'reconnect', ...parseReconnect(params) }),
};

const entryOf = <Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

const onRequest = <Own>(rules: ClientRules<Own>, turn: ClientTurn<Own>, request: Request): void => {
  const { id, method, params } = request;
  const handler = entryOf(rules.methods, method);
  if (handler !== undefined) return handler(turn, params);
  const message = entryOf(messages, method);
  if (message !== undefined) {
    const effect = message(params);
    if (effect !== undefined) turn.effects.push(effect);
    return;
  }
  const answer = entryOf(answers, method);
  if (answer !== undefined) {
    sendLine(turn, `{"id":${id},"result":${answer(turn.draft.options)},"error":null}\n`);
  } else if (id !== 'null') {
    const { code, text } = rejects['unknown-method'];
    sendLine(turn, `{"id":${id},"result":null,"error":[${code},${JSON.stringify(text)},null]}\n`);
  }
};

/** `{"reject-reason": …, "result": false, "error": null}` is the one reply whose reason stands elsewhere. */
const refusalOf = (reply: Reply, line: Buffer): PoolError => {
  if (reply.error !== null) return parseError(reply.error);
  const outer = JSON.parse(line.toString('utf8')) as Record<string, unknown>;
  return { code: undefined, text: cleanText(outer['reject-reason']) };
};

const onSubmitted = <Own>(
  rules: ClientRules<Own>,
  turn: ClientTurn<Own>,
  id: number,
  reply: Reply,
  line: Buffer,
): boolean => {
  const { draft, effects, nowMs } = turn;
  const submit = draft.pending.get(id);
  if (submit === undefined) return false;
  const pending = new Map(draft.pending);
  pending.delete(id);
  draft.pending = pending;
  const { difficulty } = submit;
  const waitedMs = Math.max(0, nowMs - submit.sentAtMs);
  if (reply.error === null && rules.isAccepted(reply.result)) {
    draft.faults = 0;
    effects.push({ kind: 'verdict', outcome: { kind: 'accepted' }, difficulty, waitedMs });
    return true;
  }
  const refusal = refusalOf(reply, line);
  effects.push({
    kind: 'verdict',
    outcome: { kind: 'rejected', stale: isStale(refusal), ...refusal },
    difficulty,
    waitedMs,
  });
  if (rules.isLost?.(refusal) === true) closeClient(turn, 'unauthorized', refusal.text);
  return true;
};

const onReply = <Own>(rules: ClientRules<Own>, turn: ClientTurn<Own>, reply: Reply, line: Buffer): void => {
  // Kept as JSON text: some pools send our numbers back as strings.
  const id = Number(reply.id.replaceAll('"', ''));
  const handler = entryOf(rules.replies, String(id));
  if (handler !== undefined) return handler(turn, reply);
  if (onSubmitted(rules, turn, id, reply, line)) return;
  if (rules.unasked?.(turn, reply) !== true) fault(turn, 'unknown-reply');
};

const onLine = <Own>(rules: ClientRules<Own>, turn: ClientTurn<Own>, bytes: Buffer): void => {
  turn.draft.lastLineAtMs = turn.nowMs;
  const message = decodeMessage(bytes);
  if (message.kind === 'invalid') return fault(turn, message.fault);
  if (message.kind === 'request') return onRequest(rules, turn, message);
  onReply(rules, turn, message, bytes);
};

const onConnected = <Own>(rules: ClientRules<Own>, turn: ClientTurn<Own>): void => {
  const { draft, nowMs } = turn;
  draft.phase = 'handshake';
  draft.connectedAtMs = nowMs;
  draft.lastLineAtMs = nowMs;
  for (const line of rules.handshake(draft.options)) sendLine(turn, line);
};

const onSubmit = <Own>(rules: ClientRules<Own>, turn: ClientTurn<Own>, share: ClientShare): void => {
  const { draft, effects, nowMs } = turn;
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
  sendLine(turn, rules.submit(turn, id, work, share));
};

const forgetUnanswered = <Own>({ draft, effects, nowMs }: ClientTurn<Own>): void => {
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

const onTick = <Own>(rules: ClientRules<Own>, turn: ClientTurn<Own>): void => {
  const { draft, nowMs } = turn;
  const { handshakeTimeoutMs, silenceTimeoutMs } = draft.options;
  if (draft.phase === 'handshake' && nowMs - draft.connectedAtMs >= handshakeTimeoutMs) {
    return closeClient(turn, 'handshake-timeout');
  }
  forgetUnanswered(turn);
  if (nowMs - draft.lastLineAtMs >= silenceTimeoutMs) return closeClient(turn, 'silence');
  if (draft.phase === 'ready') rules.tick?.(turn);
};

const apply = <Own>(rules: ClientRules<Own>, turn: ClientTurn<Own>, event: ClientEvent): void => {
  switch (event.kind) {
    case 'connected':
      return onConnected(rules, turn);
    case 'line':
      return onLine(rules, turn, event.bytes);
    case 'submit':
      return onSubmit(rules, turn, event.share);
    case 'tick':
      return onTick(rules, turn);
  }
};

const createState = <Own>(rules: ClientRules<Own>, options: ClientOptions): ClientState<Own> => ({
  options,
  phase: 'new',
  connectedAtMs: 0,
  lastLineAtMs: 0,
  lastSentAtMs: 0,
  nextId: FIRST_FREE_ID,
  nextWorkId: 1,
  sessionId: undefined,
  works: new Map(),
  pending: new Map(),
  faults: 0,
  own: rules.start,
});

export const createClient = <Own extends object>(rules: ClientRules<Own>): Client<Own> => {
  const client: Client<Own> = {
    create: (options) => createState(rules, options),
    step: (state, event, nowMs) => {
      const waiting = state.phase === 'new' && event.kind !== 'connected';
      if (state.phase === 'closed' || waiting) return { state, effects: [] };
      const turn: ClientTurn<Own> = {
        draft: { ...state, own: { ...state.own } },
        effects: [],
        nowMs,
      };
      apply(rules, turn, event);
      return { state: turn.draft, effects: turn.effects };
    },
    open: (options) => {
      let state = client.create(options);
      return {
        get inFlight() {
          return state.pending.size;
        },
        step: (event, nowMs) => {
          const step = client.step(state, event, nowMs);
          state = step.state;
          return step.effects;
        },
      };
    },
  };
  return client;
};
