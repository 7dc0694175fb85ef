/**
 * The session of one miner's connection: `step` takes an event and the time, changes the session it owns and
 * returns what is to be done. Deterministic, without I/O, clock or randomness. Which of four dialects the peer
 * speaks is told by its first request and stays so.
 */
import {
  answer,
  charge,
  checkTime,
  type CoreEnv,
  createCore,
  type Dialect,
  type Effect,
  type Message,
  refuse,
  rejectShare,
  type Request,
  send,
  type SessionEvent,
  setCeiling,
  settleShare,
} from '@otedama/stratum';
import { wording } from '../codec/classic.ts';
import { PROTOCOL, wording as wordingV2 } from '../codec/v2.ts';
import { EthashBook } from '../jobs/book.ts';
import { SharedHistory } from '../jobs/pool-shares.ts';
import type { Work, WorkTemplate } from '../jobs/work.ts';
import { EXTRANONCE1_BYTES } from '../limits.ts';
import { ethereumStratum1, stratum1 } from './methods/classic.ts';
import { listOf } from './methods/common.ts';
import { ethProxy } from './methods/eth-proxy.ts';
import { ethereumStratum2 } from './methods/v2.ts';
import { Roster } from './roster.ts';
import type { Flavour, Session, SessionEnv, SessionTurn } from './types.ts';
import { changeLease, giveWork, takeLease, takeWork } from './work-flow.ts';

/** What the pool is doing right now is the session's starting point. */
export const createSession = (env: SessionEnv, nowMs: number): Session => {
  const work = env.book.current;
  const core = createCore(env, wording, env.book.stoppedReason, nowMs);
  core.history = new SharedHistory(env.book.shares);
  if (env.ceilingByNetwork && work !== undefined) setCeiling(core.vardiff, work.networkDifficulty, nowMs);
  return {
    ...core,
    env,
    flavour: undefined,
    jobs: [],
    subscribing: undefined,
    takesExtranonce: false,
    work,
    shown: undefined,
    login: undefined,
    tokens: [],
    hashrateHs: 0,
  };
};

const namesProtocol = (value: unknown): boolean =>
  typeof value === 'string' && value.startsWith('EthereumStratum/');

const protocolOf = (params: unknown): unknown =>
  typeof params === 'object' && params !== null ? (params as { proto?: unknown }).proto : undefined;

const detect = ({ method, params }: Request): Flavour | undefined => {
  if (method.startsWith('eth_')) return ethProxy;
  if (method === 'mining.hello') return protocolOf(params) === PROTOCOL ? ethereumStratum2 : undefined;
  if (method !== 'mining.subscribe') return undefined;
  return listOf(params).some(namesProtocol) ? ethereumStratum1 : stratum1;
};

/** Nothing can be done yet, and the next request may still tell the dialect. */
const refuseStranger = (turn: SessionTurn, request: Request): void => {
  if (request.method === 'mining.submit') rejectShare(turn, request, 'not-subscribed', undefined);
  else if (request.method === 'mining.hello') {
    turn.session.wording = wordingV2;
    refuse(turn, request, 'bad-params', `${PROTOCOL} is what is spoken here`);
    turn.session.wording = wording;
  } else refuse(turn, request, request.method.startsWith('mining.') ? 'not-subscribed' : 'unknown-method');
};

const takeRequest = (turn: SessionTurn, request: Request): void => {
  const { session } = turn;
  if (session.flavour === undefined) {
    session.flavour = detect(request);
    session.wording = session.flavour?.wording ?? session.wording;
  }
  if (session.flavour === undefined) {
    refuseStranger(turn, request);
    return;
  }
  const method = session.flavour.methods.get(request.method);
  if (method === undefined) refuse(turn, request, 'unknown-method');
  else method(turn, request);
};

const takeMessage = (turn: SessionTurn, message: Message): void => {
  turn.session.lastMessageAtMs = turn.nowMs;
  if (message.kind === 'request') takeRequest(turn, message);
  else if (message.kind === 'invalid') refuse(turn, message, message.fault);
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
      answer(turn, session.wording.refused('null', event.violation));
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
    case 'reconnect': {
      const line = session.flavour?.reconnect(event.target, event.waitSeconds);
      if (line !== undefined) send(turn, line);
      return;
    }
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

export const ethereumEnv = (core: CoreEnv): SessionEnv => ({
  ...core,
  book: new EthashBook(core.targets.algorithm),
  roster: new Roster(),
});

/** The dialects as a gateway hosts them, on one port. */
export const stratumEthereum = (core: CoreEnv): Dialect<WorkTemplate, Work> => {
  const env = ethereumEnv(core);
  return {
    book: env.book,
    extranonce1Bytes: EXTRANONCE1_BYTES,
    resumes: true,
    open(nowMs) {
      const session = createSession(env, nowMs);
      return { core: session, step: (event, atMs) => step(session, event, atMs) };
    },
  };
};
