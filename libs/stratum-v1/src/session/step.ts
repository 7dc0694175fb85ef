/**
 * The session of one miner's connection: `step` takes an event and the time, changes the session it owns
 * and returns what is to be done. Deterministic, without I/O, clock or randomness.
 */
import {
  type Dialect,
  type Effect,
  type Message,
  type Request,
  type SessionEvent,
  answer,
  charge,
  checkTime,
  createCore,
  refuse,
  send,
  setCeiling,
  settleShare,
  tell,
} from '@otedama/stratum';
import { encodeReconnect, wording } from '../codec/encode.ts';
import type { Work, WorkTemplate } from '../jobs/work.ts';
import { EXTRANONCE1_BYTES } from '../limits.ts';
import { findProfile } from '../profiles.ts';
import { canFollow, catchUp, commonLine } from './follow.ts';
import { configure } from './methods/configure.ts';
import { suggestDifficulty, suggestTarget } from './methods/difficulty.ts';
import { authorize, subscribe } from './methods/login.ts';
import {
  getTransactions,
  getVersion,
  ping,
  settleTransactions,
  subscribeExtranonce,
  takeReply,
} from './methods/misc.ts';
import { submit } from './methods/submit.ts';
import type { Session, SessionEnv, SessionTurn } from './types.ts';
import { changeLease, offerDifficulty, stopWork, takeLease, takeWork } from './work-flow.ts';

type Method = (turn: SessionTurn, request: Request) => void;

const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['mining.submit', submit],
  ['mining.subscribe', subscribe],
  ['mining.authorize', authorize],
  ['mining.configure', configure],
  ['mining.suggest_difficulty', suggestDifficulty],
  ['mining.suggest_target', suggestTarget],
  ['mining.extranonce.subscribe', subscribeExtranonce],
  ['mining.get_transactions', getTransactions],
  ['mining.ping', ping],
  ['client.get_version', getVersion],
]);

/** What the pool is doing right now is the session's starting point. */
export const createSession = (env: SessionEnv, nowMs: number): Session => {
  const work = env.book.current;
  const core = createCore(env, wording, env.book.stoppedReason, nowMs);
  if (env.ceilingByNetwork && work !== undefined) setCeiling(core.vardiff, work.networkDifficulty, nowMs);
  return {
    ...core,
    env,
    jobs: [],
    subscribing: undefined,
    versionRolling: undefined,
    takesExtranonce: false,
    profile: findProfile(''),
    hasWished: false,
    outgrown: false,
    work,
    announced: undefined,
    terms: undefined,
    transactionsAtMs: Number.NEGATIVE_INFINITY,
    asked: undefined,
  };
};

const takeMessage = (turn: SessionTurn, message: Message): void => {
  turn.session.lastMessageAtMs = turn.nowMs;
  switch (message.kind) {
    case 'request': {
      const method = methods.get(message.method);
      if (method === undefined) refuse(turn, message, 'unknown-method');
      else method(turn, message);
      return;
    }
    case 'reply':
      takeReply(turn, message);
      return;
    case 'invalid':
      refuse(turn, message, message.fault);
  }
};

/** Events that matter only while the peer is there. */
const handleOpen = (turn: SessionTurn, event: SessionEvent<Work>): void => {
  switch (event.kind) {
    case 'message':
      return takeMessage(turn, event.message);
    case 'violation':
      turn.effects.push({ kind: 'fault', reason: event.violation });
      answer(turn, wording.refused('null', event.violation));
      return charge(turn, event.violation);
    case 'leased':
      return takeLease(turn, event.lease);
    case 're-leased':
      return changeLease(turn, event.lease);
    case 'work':
      return takeWork(turn, event.work);
    case 'work-stopped':
      return stopWork(turn, event.reason);
    case 'tick':
      if (checkTime(turn, turn.session.env, turn.session.jobs.length > 0)) offerDifficulty(turn);
      return;
    case 'notice':
      return tell(turn, event.text);
    case 'reconnect':
      return send(turn, encodeReconnect(event.target, event.waitSeconds));
    case 'transactions':
      return settleTransactions(turn, event.ticket, event.list);
    case 'template-judged':
    case 'verdict':
    case 'disconnected':
  }
};

export const step = (session: Session, event: SessionEvent<Work>, nowMs: number): readonly Effect[] => {
  const turn: SessionTurn = { session, nowMs, effects: [] };
  if (event.kind === 'verdict') {
    if (settleShare(turn, event.ticket, event.outcome)) offerDifficulty(turn);
  } else if (event.kind === 'disconnected') session.closed = true;
  else if (!session.closed) handleOpen(turn, event);
  session.follows = canFollow(session);
  return turn.effects;
};

/** The dialect as a gateway hosts it. */
export const stratumV1 = (env: SessionEnv): Dialect<WorkTemplate, Work> => ({
  book: env.book,
  extranonce1Bytes: EXTRANONCE1_BYTES,
  resumes: true,
  open(nowMs) {
    const session = createSession(env, nowMs);
    return {
      core: session,
      step: (event, atMs) => step(session, event, atMs),
      catchUp: (work, atMs) => catchUp(session, work, atMs),
    };
  },
  commonLine,
});
