/**
 * The session of one miner's connection: `step` takes an event and the time, changes the session it owns
 * and returns what is to be done. Deterministic, without I/O, clock or randomness.
 */
import { encodeRefusal, encodeReconnect, encodeShowMessage } from '../codec/encode.ts';
import type { Message, Request } from '../codec/message.ts';
import { createVardiff, recordSilence, setCeiling } from '../vardiff.ts';
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
import { settleShare, submit } from './methods/submit.ts';
import { answer, charge, close, refuse, send, type Turn } from './output.ts';
import { ReplyQueue } from './reply-queue.ts';
import { ShareHistory } from './share-history.ts';
import type { Effect, Estate, Session, SessionEnv, SessionEvent } from './types.ts';
import { changeLease, offerDifficulty, stopWork, takeLease, takeWork } from './work-flow.ts';

type Method = (turn: Turn, request: Request) => void;

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
  const vardiff = createVardiff(env.vardiff, nowMs);
  const work = env.book.current;
  if (env.ceilingByNetwork && work !== undefined) setCeiling(vardiff, work.networkDifficulty, nowMs);
  return {
    env,
    connectedAtMs: nowMs,
    vardiff,
    replies: new ReplyQueue(),
    accounts: new Map(),
    jobs: [],
    pending: new Map(),
    history: new ShareHistory(),
    lease: undefined,
    subscribing: undefined,
    agent: '',
    versionRolling: undefined,
    takesExtranonce: false,
    work,
    stoppedReason: env.book.stoppedReason,
    announced: undefined,
    terms: undefined,
    offences: 0,
    lastMessageAtMs: nowMs,
    transactionsAtMs: Number.NEGATIVE_INFINITY,
    asked: undefined,
    closed: false,
  };
};

/** What the session leaves behind for the connection that resumes it. */
export const estateOf = (session: Session): Estate => ({
  difficulty: session.vardiff.difficulty,
  history: session.history,
});

const takeMessage = (turn: Turn, message: Message): void => {
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

const tick = (turn: Turn): void => {
  const { session, nowMs } = turn;
  const { env } = session;
  if (session.accounts.size === 0 && nowMs - session.connectedAtMs > env.handshakeTimeoutMs) {
    close(turn, 'handshake-timeout');
  } else if (nowMs - session.lastMessageAtMs > env.idleTimeoutMs) {
    close(turn, 'idle');
  } else if (session.jobs.length > 0 && session.stoppedReason === undefined) {
    // A verdict that is late is no silence of the miner.
    if (session.pending.size === 0 && recordSilence(session.vardiff, nowMs)) offerDifficulty(turn);
  }
};

/** Events that matter only while the peer is there. */
const handleOpen = (turn: Turn, event: SessionEvent): void => {
  switch (event.kind) {
    case 'message':
      return takeMessage(turn, event.message);
    case 'violation':
      turn.effects.push({ kind: 'fault', reason: event.violation });
      answer(turn, encodeRefusal('null', event.violation));
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
      return tick(turn);
    case 'notice':
      return send(turn, encodeShowMessage(event.text));
    case 'reconnect':
      return send(turn, encodeReconnect(event.target, event.waitSeconds));
    case 'transactions':
      return settleTransactions(turn, event.ticket, event.list);
    case 'verdict':
    case 'disconnected':
  }
};

export const step = (session: Session, event: SessionEvent, nowMs: number): readonly Effect[] => {
  const turn: Turn = { session, nowMs, effects: [] };
  if (event.kind === 'verdict') settleShare(turn, event.ticket, event.outcome);
  else if (event.kind === 'disconnected') session.closed = true;
  else if (!session.closed) handleOpen(turn, event);
  return turn.effects;
};
