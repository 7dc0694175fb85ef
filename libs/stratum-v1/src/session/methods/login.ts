/** mining.subscribe and mining.authorize: who a peer is, and what it may claim. */
import { encodeGetVersion, encodeSubscribed } from '../../codec/encode.ts';
import type { Request } from '../../codec/message.ts';
import { parseLogin, parsePassword } from '../../credentials.ts';
import { encodeHex } from '../../hex.ts';
import { MAX_AGENT_CHARS, MAX_SESSION_ID_CHARS, MAX_WORKERS_PER_SESSION } from '../../limits.ts';
import { setFloor, startDifficulty, suggestDifficulty } from '../../vardiff.ts';
import { answer, refuse, reserveReply, respond, send, type Turn } from '../output.ts';
import type { Session } from '../types.ts';
import { giveFirstWork, offerDifficulty } from '../work-flow.ts';

/** Far from where miners begin to count. */
export const GET_VERSION_ID = 1_000_000_001;

/** What a peer calls itself, fit for a log or a table. */
export const printableAgent = (text: unknown): string =>
  typeof text === 'string' ? text.replace(/[^\x20-\x7e]/g, '').slice(0, MAX_AGENT_CHARS) : '';

/** params: user agent, session id of an earlier connection. */
export const subscribe = (turn: Turn, request: Request): void => {
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
  session.agent = printableAgent(request.params[0]);
  session.subscribing = { ticket, id: request.id };
  const earlier: unknown = request.params[1];
  const usable = typeof earlier === 'string' && earlier !== '' && earlier.length <= MAX_SESSION_ID_CHARS;
  turn.effects.push({ kind: 'lease', sessionId: usable ? earlier : undefined });
};

const applyPassword = (session: Session, password: unknown, nowMs: number): boolean => {
  if (typeof password !== 'string') return false;
  const { fixed, start, minimum } = parsePassword(password);
  const floor = Math.max(fixed ?? 0, minimum ?? 0);
  let changed = floor > 0 && setFloor(session.vardiff, floor, nowMs);
  if (fixed !== undefined) changed = suggestDifficulty(session.vardiff, fixed, nowMs) || changed;
  else if (start !== undefined) changed = startDifficulty(session.vardiff, start, nowMs) || changed;
  return changed;
};

/** params: `address.worker`, password with options. */
export const authorize = (turn: Turn, request: Request): void => {
  const { session } = turn;
  const { params } = request;
  if (!Array.isArray(params) || typeof params[0] !== 'string') {
    refuse(turn, request, 'bad-params', 'user name expected');
    return;
  }
  const user = params[0];
  if (session.accounts.has(user)) {
    respond(turn, request, 'true');
    return;
  }
  const parsed = parseLogin(user);
  if (!parsed.ok) {
    refuse(turn, request, parsed.fault);
    return;
  }
  const address = session.env.parseAddress(parsed.login.address);
  if (!address.ok) {
    refuse(turn, request, 'address-invalid', address.reason);
    return;
  }
  if (session.accounts.size >= MAX_WORKERS_PER_SESSION) {
    refuse(turn, request, 'too-many-workers');
    return;
  }
  if (!session.env.admitsWorker()) {
    refuse(turn, request, 'pool-full');
    return;
  }
  const account = { address: address.canonical, worker: parsed.login.worker };
  session.accounts.set(user, account);
  turn.effects.push({ kind: 'authorized', account });
  respond(turn, request, 'true');
  welcome(turn, params[1]);
};

const welcome = (turn: Turn, password: unknown): void => {
  const { session } = turn;
  const changed = applyPassword(session, password, turn.nowMs);
  const first = session.accounts.size === 1;
  // Not every firmware likes to be asked: only who did not introduce itself is.
  if (first && session.agent === '') send(turn, encodeGetVersion(GET_VERSION_ID));
  if (session.jobs.length === 0) giveFirstWork(turn);
  else if (changed) offerDifficulty(turn);
};
