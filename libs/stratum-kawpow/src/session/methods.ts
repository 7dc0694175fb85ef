/** The methods of a miner but mining.submit. */
import {
  type Request,
  admit,
  answer,
  applyPassword,
  encodeHex,
  printableAgent,
  refuse,
  reserveReply,
} from '@otedama/stratum';
import { encodeResult, encodeSubscribed } from '../codec/encode.ts';
import type { SessionTurn } from './types.ts';
import { giveFirstWork, giveWork } from './work-flow.ts';

/** params: user agent, if any. */
export const subscribe = (turn: SessionTurn, request: Request): void => {
  const { session } = turn;
  if (!Array.isArray(request.params)) {
    refuse(turn, request, 'bad-params');
    return;
  }
  // A second subscribe changes nothing; the miner hears again what it has.
  if (session.lease !== undefined) {
    answer(turn, encodeSubscribed(request.id, encodeHex(session.lease.extranonce1)));
    return;
  }
  if (session.subscribing !== undefined) {
    refuse(turn, request, 'asked-too-often');
    return;
  }
  const ticket = reserveReply(turn);
  if (ticket === undefined) return;
  session.agent = printableAgent(request.params[0]);
  session.subscribing = { ticket, id: request.id };
  turn.effects.push({ kind: 'lease', sessionId: undefined });
};

/** params: `address.worker`, password with options. */
export const authorize = (turn: SessionTurn, request: Request): void => {
  const { session } = turn;
  const { params } = request;
  if (!Array.isArray(params) || typeof params[0] !== 'string') {
    refuse(turn, request, 'bad-params', 'user name expected');
    return;
  }
  const known = session.accounts.size;
  const admission = admit(turn, session.env, params[0]);
  if (!admission.ok) {
    refuse(turn, request, admission.reason, admission.detail);
    return;
  }
  answer(turn, encodeResult(request.id, 'true'));
  if (session.accounts.size === known) return;
  const changed = applyPassword(session, params[1], turn.nowMs);
  if (session.jobs.length === 0) giveFirstWork(turn);
  else if (changed) giveWork(turn, false);
};

export const subscribeExtranonce = (turn: SessionTurn, request: Request): void => {
  turn.session.takesExtranonce = true;
  answer(turn, encodeResult(request.id, 'true'));
};

const QUANTITY = /^(?:0x)?([0-9a-f]{1,64})$/i;

/** What a miner says of its speed is for display; work is counted by shares. */
export const reportHashrate = (turn: SessionTurn, request: Request): void => {
  const text: unknown = Array.isArray(request.params) ? request.params[0] : undefined;
  const digits = typeof text === 'string' ? QUANTITY.exec(text)?.[1] : undefined;
  if (digits === undefined) {
    refuse(turn, request, 'bad-params', 'hash rate in hex expected');
    return;
  }
  turn.session.hashrateHs = Number(BigInt(`0x${digits}`));
  answer(turn, encodeResult(request.id, 'true'));
};
