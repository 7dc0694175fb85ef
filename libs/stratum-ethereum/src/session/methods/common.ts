/** Methods that several of the dialects have. */
import {
  admit,
  answer,
  applyPassword,
  MAX_SESSION_ID_CHARS,
  refuse,
  type Request,
  reserveReply,
} from '@otedama/stratum';
import { parseQuantity } from '../../codec/hex.ts';
import type { SessionTurn } from '../types.ts';
import { giveFirstWork, giveWork } from '../work-flow.ts';

export const listOf = (params: unknown): readonly unknown[] => (Array.isArray(params) ? params : []);

/** mining.subscribe where nonces are partitioned: the reply waits for the lease. */
export const lease = (turn: SessionTurn, request: Request, earlier: unknown): void => {
  const { session } = turn;
  const { flavour } = session;
  // A second subscribe changes nothing; the miner hears again what it has.
  if (session.lease !== undefined && flavour !== undefined) {
    answer(turn, flavour.subscribed(request.id, session.lease));
    return;
  }
  if (session.subscribing !== undefined) {
    refuse(turn, request, 'asked-too-often');
    return;
  }
  const ticket = reserveReply(turn);
  if (ticket === undefined) return;
  const usable = typeof earlier === 'string' && earlier !== '' && earlier.length <= MAX_SESSION_ID_CHARS;
  const sessionId = usable ? earlier : undefined;
  session.subscribing = { ticket, id: request.id, earlier: sessionId };
  turn.effects.push({ kind: 'lease', sessionId });
};

/** A new worker has said its password: its wishes hold from the next job on, which may be the first. */
export const welcome = (turn: SessionTurn, password: unknown): void => {
  const changed = applyPassword(turn.session, password, turn.nowMs);
  if (turn.session.jobs.length === 0) giveFirstWork(turn);
  else if (changed) giveWork(turn, false);
};

/** mining.authorize: `address.worker` and a password; what to answer is the dialect's. */
export const authorize = (turn: SessionTurn, request: Request, granted: (user: string) => string): void => {
  const [user, password] = listOf(request.params);
  if (typeof user !== 'string') {
    refuse(turn, request, 'bad-params', 'user name expected');
    return;
  }
  const { session } = turn;
  const known = session.accounts.size;
  const admission = admit(turn, session.env, user);
  if (!admission.ok) {
    refuse(turn, request, admission.reason, admission.detail);
    return;
  }
  answer(turn, granted(user));
  if (session.accounts.size > known) welcome(turn, password);
};

/** What a miner says of its speed is for display; work is counted by shares. */
export const reportHashrate = (turn: SessionTurn, request: Request, reply: string): void => {
  const rate = parseQuantity(listOf(request.params)[0]);
  if (rate === undefined) {
    refuse(turn, request, 'bad-params', 'hash rate in hex expected');
    return;
  }
  turn.session.hashrateHs = rate;
  answer(turn, reply);
};
