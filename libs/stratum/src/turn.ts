/** How handlers speak: everything that leaves a session goes through here. */
import { MAX_OFFENCES, WARNING_OFFENCES } from './limits.ts';
import { type RejectReason, rejects } from './rejects.ts';
import type { CloseReason, Effect, PendingShare, SessionCore } from './session.ts';

/** One event being handled. */
export interface Turn<Session extends SessionCore = SessionCore> {
  readonly session: Session;
  readonly nowMs: number;
  readonly effects: Effect[];
}

export const send = (turn: Turn, data: string | Buffer): void => {
  if (!turn.session.closed) turn.effects.push({ kind: 'send', data });
};

/** A word to the miner's owner, where the dialect has a way. */
export const tell = (turn: Turn, text: string): void => {
  const line = turn.session.wording.notice(text);
  if (line !== undefined) send(turn, line);
};

export const close = (turn: Turn, reason: CloseReason): void => {
  if (turn.session.closed) return;
  turn.session.closed = true;
  turn.effects.push({ kind: 'close', reason });
};

/** A slot for a reply that comes later; undefined after closing a peer that has too many open. */
export const reserveReply = (turn: Turn, awaited?: PendingShare): number | undefined => {
  const ticket = turn.session.replies.reserve(awaited);
  if (ticket === undefined) close(turn, 'too-many-pending');
  return ticket;
};

export const settleReply = (turn: Turn, ticket: number, line: string): void => {
  const { replies } = turn.session;
  replies.settle(ticket, line);
  const ready = replies.take();
  if (ready !== '') send(turn, ready);
};

/** A whole line, after whatever is still to be answered before it. */
export const answer = (turn: Turn, line: string): void => {
  if (turn.session.replies.size === 0) {
    send(turn, line);
    return;
  }
  const ticket = reserveReply(turn);
  if (ticket !== undefined) settleReply(turn, ticket, line);
};

/** Adds to the peer's score; warns it, and sends it away when it is full. */
export const charge = (turn: Turn, reason: RejectReason): void => {
  const { session } = turn;
  const before = session.offences;
  session.offences += rejects[reason].offence;
  if (session.offences >= MAX_OFFENCES) {
    tell(turn, `Disconnected: too many faults, the last one: ${rejects[reason].text}`);
    close(turn, 'too-many-faults');
  } else if (before < WARNING_OFFENCES && session.offences >= WARNING_OFFENCES) {
    tell(turn, `Too many faults, disconnecting soon; the last one: ${rejects[reason].text}`);
  }
};

/** Answers that a message is at fault. Shares have their own way, which also counts them. */
export const refuse = (
  turn: Turn,
  request: { readonly id: string },
  reason: RejectReason,
  detail?: string,
): void => {
  turn.effects.push({ kind: 'fault', reason });
  answer(turn, turn.session.wording.refused(request.id, reason, detail));
  charge(turn, reason);
};
