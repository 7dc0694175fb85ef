/**
 * The session of one miner's connection: `step` takes an event and the time, changes the session it owns and
 * returns what is to be done. Deterministic, without I/O, clock or randomness.
 */
import {
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
import { blockTemplate, settleTemplate } from './methods/block-template.ts';
import { login } from './methods/login.ts';
import { getJob, keepAlive } from './methods/misc.ts';
import { submit } from './methods/submit.ts';
import type { MoneroEnv, Session, SessionEnv, SessionTurn } from './types.ts';
import { changeLease, pushJob, stopWork, takeLease, takeWork } from './work-flow.ts';

type Method = (turn: SessionTurn, request: Request) => void;

const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['submit', submit],
  ['block_template', blockTemplate],
  ['login', login],
  ['getjob', getJob],
  ['keepalived', keepAlive],
  ['keepalive', keepAlive],
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
    loggingIn: undefined,
    leaseAsked: false,
    id: undefined,
    isProxy: false,
    isSelfSelect: false,
    adopted: new WeakSet(),
    adopting: undefined,
    work,
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
    case 'invalid':
      refuse(turn, message, message.fault);
      return;
    // The pool asks nothing, so whatever a miner answers means nothing.
    case 'reply':
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
    case 'template-judged':
      return settleTemplate(turn, event.ticket, event.outcome);
    case 'tick':
      if (checkTime(turn, turn.session.env, turn.session.jobs.length > 0)) pushJob(turn);
      return;
    case 'reconnect':
      // Without a place to go the miner comes back by itself when the connection ends.
      if (event.target !== undefined) send(turn, encodeReconnect(event.target.host, event.target.port));
      return;
    // The dialect has neither a way to show a text nor a way to ask for transactions.
    case 'notice':
    case 'transactions':
    case 'verdict':
    case 'disconnected':
  }
};

export const step = (session: Session, event: SessionEvent<Work>, nowMs: number): readonly Effect[] => {
  const turn: SessionTurn = { session, nowMs, effects: [] };
  if (event.kind === 'verdict') {
    if (settleShare(turn, event.ticket, event.outcome)) pushJob(turn);
  } else if (event.kind === 'disconnected') session.closed = true;
  else if (!session.closed) handleOpen(turn, event);
  return turn.effects;
};

export const createBook = ({ variantOf }: Pick<MoneroEnv, 'variantOf'>): SessionEnv['book'] =>
  new WorkBook((template: WorkTemplate) => new Work(template, variantOf(template.majorVersion)));

/** The dialect as a gateway hosts it. */
export const stratumMonero = (options: MoneroEnv): Dialect<WorkTemplate, Work> => {
  const env: SessionEnv = { ...options, book: createBook(options) };
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
