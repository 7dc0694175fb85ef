/** The small methods: extranonce subscription, transactions of a job, version, ping. */
import {
  parseJobId,
  printableAgent,
  refuse,
  type Reply,
  type Request,
  reserveReply,
  settleReply,
} from '@otedama/stratum';
import { encodeRefusal, encodeResult } from '../../codec/encode.ts';
import { MAX_TRANSACTIONS_CHARS, TRANSACTIONS_INTERVAL_MS } from '../../limits.ts';
import { introduce } from '../introduce.ts';
import { respond } from '../respond.ts';
import type { SessionTurn } from '../types.ts';
import { GET_VERSION_ID } from './login.ts';

export const subscribeExtranonce = (turn: SessionTurn, request: Request): void => {
  turn.session.takesExtranonce = true;
  respond(turn, request, 'true');
};

export const ping = (turn: SessionTurn, request: Request): void => respond(turn, request, '"pong"');

/** The miner asks us. Our own question, and its answer, go the other way. */
export const getVersion = (turn: SessionTurn, request: Request): void =>
  respond(turn, request, JSON.stringify(turn.session.env.serverVersion));

export const takeReply = (turn: SessionTurn, reply: Reply): void => {
  // Miners also answer our notifications, which means nothing.
  if (reply.id === String(GET_VERSION_ID)) introduce(turn, printableAgent(reply.result));
};

/** params: job id. */
export const getTransactions = (turn: SessionTurn, request: Request): void => {
  const { session } = turn;
  const id = parseJobId(Array.isArray(request.params) ? request.params[0] : undefined);
  if (id === undefined || !session.jobs.some((job) => job.work.template.jobKey === id.jobKey)) {
    refuse(turn, request, 'unknown-job');
    return;
  }
  const tooSoon = turn.nowMs - session.transactionsAtMs < TRANSACTIONS_INTERVAL_MS;
  if (session.asked !== undefined || tooSoon) {
    refuse(turn, request, 'asked-too-often');
    return;
  }
  const ticket = reserveReply(turn);
  if (ticket === undefined) return;
  session.transactionsAtMs = turn.nowMs;
  session.asked = { ticket, id: request.id };
  turn.effects.push({ kind: 'transactions', ticket, jobKey: id.jobKey });
};

export const settleTransactions = (
  turn: SessionTurn,
  ticket: number,
  list: readonly string[] | undefined,
): void => {
  const { session } = turn;
  const { asked } = session;
  if (asked?.ticket !== ticket) return;
  session.asked = undefined;
  const chars = list?.reduce((sum, transaction) => sum + transaction.length + 3, 0);
  if (list === undefined || chars === undefined) {
    settleReply(turn, ticket, encodeRefusal(asked.id, 'unknown-job'));
  } else if (chars > MAX_TRANSACTIONS_CHARS) {
    settleReply(turn, ticket, encodeRefusal(asked.id, 'too-large'));
  } else {
    settleReply(turn, ticket, encodeResult(asked.id, JSON.stringify(list)));
  }
};
