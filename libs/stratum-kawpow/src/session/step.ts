/**
 * The session of one miner's connection: `step` takes an event and the time, changes the session it owns and
 * returns what is to be done. Deterministic, without I/O, clock or randomness.
 */
import {
  type CoreEnv,
  type Dialect,
  type Effect,
  type Message,
  type Request,
  type SessionEvent,
  WorkBook,
  answer,
  charge,
  checkTime,
  createCore,
  refuse,
  send,
  setCeiling,
  settleShare,
} from '@otedama/stratum';
import { encodeReconnect, wording } from '../codec/encode.ts';
import { Work, type WorkTemplate } from '../jobs/work.ts';
import { EXTRANONCE1_BYTES } from '../limits.ts';
import { authorize, reportHashrate, subscribe, subscribeExtranonce } from './methods.ts';
import { submit } from './submit.ts';
import type { Session, SessionEnv, SessionTurn } from './types.ts';
import { changeLease, giveWork, takeLease, takeWork } from './work-flow.ts';

type Method = (turn: SessionTurn, request: Request) => void;

const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['mining.submit', submit],
  ['mining.subscribe', subscribe],
  ['mining.authorize', authorize],
  ['mining.extranonce.subscribe', subscribeExtranonce],
  ['eth_submitHashrate', reportHashrate],
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
    takesExtranonce: false,
    work,
    announced: undefined,
    hashrateHs: 0,
  };
};

const takeMessage = (turn: SessionTurn, message: Message): void => {
  turn.session.lastMessageAtMs = turn.nowMs;
  if (message.kind === 'request') {
    const method = methods.get(message.method);
    if (method === undefined) refuse(turn, message, 'unknown-method');
    else method(turn, message);
  } else if (message.kind === 'invalid') refuse(turn, message, message.fault);
  // Nothing is asked of miners here; some answer notifications, which means nothing.
};

/** Events that matter only while the peer is there. */
const handleOpen = (turn: SessionTurn, event: SessionEvent<Work>): void => {
  const { session } = turn;
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
      session.stoppedReason = event.reason;
      return;
    case 'tick':
      if (checkTime(turn, session.env, session.jobs.length > 0)) giveWork(turn, false);
      return;
    case 'reconnect':
      return send(turn, encodeReconnect(event.target, event.waitSeconds));
    case 'notice':
    case 'transactions':
    case 'template-judged':
    case 'verdict':
    case 'disconnected':
  }
};

export const step = (session: Session, event: SessionEvent<Work>, nowMs: number): readonly Effect[] => {
  const turn: SessionTurn = { session, nowMs, effects: [] };
  if (event.kind === 'verdict') {
    if (settleShare(turn, event.ticket, event.outcome)) giveWork(turn, false);
  } else if (event.kind === 'disconnected') session.closed = true;
  else if (!session.closed) handleOpen(turn, event);
  return turn.effects;
};

export const kawpowEnv = (core: CoreEnv): SessionEnv => ({
  ...core,
  book: new WorkBook((template: WorkTemplate) => new Work(core.targets.algorithm, template)),
});

/** The dialect as a gateway hosts it. */
export const stratumKawpow = (core: CoreEnv): Dialect<WorkTemplate, Work> => {
  const env = kawpowEnv(core);
  return {
    book: env.book,
    extranonce1Bytes: EXTRANONCE1_BYTES,
    resumes: false,
    open(nowMs) {
      const session = createSession(env, nowMs);
      return { core: session, step: (event, atMs) => step(session, event, atMs) };
    },
  };
};
