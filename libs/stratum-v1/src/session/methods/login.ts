/** mining.subscribe and mining.authorize: who a peer is, and what it may claim. */
import {
  MAX_SESSION_ID_CHARS,
  type Request,
  admit,
  answer,
  applyPassword,
  encodeHex,
  printableAgent,
  refuse,
  reserveReply,
  send,
  tell,
} from '@otedama/stratum';
import { encodeGetVersion, encodeSubscribed } from '../../codec/encode.ts';
import { introduce, keepFloor } from '../introduce.ts';
import { respond } from '../respond.ts';
import type { SessionTurn } from '../types.ts';
import { giveFirstWork, offerDifficulty } from '../work-flow.ts';

/** Far from where miners begin to count. */
export const GET_VERSION_ID = 1_000_000_001;

/** params: user agent, session id of an earlier connection. */
export const subscribe = (turn: SessionTurn, request: Request): void => {
  const { session } = turn;
  const { lease, work } = session;
  if (!Array.isArray(request.params)) {
    refuse(turn, request, 'bad-params');
    return;
  }
  // A second subscribe changes nothing; the miner hears again what it has.
  if (lease !== undefined && work !== undefined) {
    const { sessionId, extranonce1 } = lease;
    answer(turn, encodeSubscribed(request.id, sessionId, encodeHex(extranonce1), work.extranonce2Size));
    return;
  }
  if (session.subscribing !== undefined) {
    refuse(turn, request, 'asked-too-often');
    return;
  }
  const ticket = reserveReply(turn);
  if (ticket === undefined) return;
  introduce(turn, printableAgent(request.params[0]));
  session.subscribing = { ticket, id: request.id };
  const earlier: unknown = request.params[1];
  const usable = typeof earlier === 'string' && earlier !== '' && earlier.length <= MAX_SESSION_ID_CHARS;
  turn.effects.push({ kind: 'lease', sessionId: usable ? earlier : undefined });
};

/** params: `address.worker`, password with options. */
export const authorize = (turn: SessionTurn, request: Request): void => {
  const { session } = turn;
  const { params } = request;
  if (!Array.isArray(params) || typeof params[0] !== 'string') {
    refuse(turn, request, 'bad-params', 'user name expected');
    return;
  }
  const [user] = params;
  const { name, maxUserChars } = session.profile;
  if (user.length > maxUserChars) {
    const detail = `${name} firmware takes user names of at most ${maxUserChars}`;
    refuse(turn, request, 'worker-name-invalid', detail);
    return;
  }
  const known = session.accounts.size;
  const admission = admit(turn, session.env, user);
  if (!admission.ok) {
    refuse(turn, request, admission.reason, admission.detail);
    return;
  }
  respond(turn, request, 'true');
  if (user.length === maxUserChars) {
    tell(
      turn,
      `The user name has ${maxUserChars} characters, where ${name} firmware cuts it off: is it whole?`,
    );
  }
  if (session.accounts.size > known) welcome(turn, params[1]);
};

const welcome = (turn: SessionTurn, password: unknown): void => {
  const { session } = turn;
  const asked = applyPassword(session, password, turn.nowMs);
  session.hasWished ||= asked;
  const changed = keepFloor(turn) || asked;
  const first = session.accounts.size === 1;
  // Not every firmware likes to be asked: only who did not introduce itself is.
  if (first && session.agent === '') send(turn, encodeGetVersion(GET_VERSION_ID));
  if (session.jobs.length === 0) giveFirstWork(turn);
  else if (changed) offerDifficulty(turn);
};
