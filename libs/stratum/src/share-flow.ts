/**
 * A share on its way through a session: taken once, sent out for its verdict, answered in its place of the
 * line, and told to the difficulty. The checks before are each dialect's own.
 */
import { OFFENCE_CREDIT, WARNING_OFFENCES } from './limits.ts';
import type { ShareReject } from './rejects.ts';
import type { Account, SessionCore, ShareOutcome, SubmittedShare } from './session.ts';
import type { ShareKey } from './share-history.ts';
import { answer, charge, close, reserveReply, settleReply, type Turn } from './turn.ts';
import { raiseDifficulty, recordShare } from './vardiff.ts';

/** A share that passed the dialect's checks. */
export interface CheckedShare extends Omit<SubmittedShare, 'ticket' | 'unproven'> {
  /** Differs from that of every other share of the job. */
  readonly key: ShareKey;
  /** The miner has said what its hash is, and that would meet the target: it works or it lies. */
  readonly claimed?: boolean;
}

export const rejectShare = (
  turn: Turn,
  request: { readonly id: string },
  reason: ShareReject,
  account: Account | undefined,
): void => {
  turn.effects.push({ kind: 'counted', outcome: reason, account });
  answer(turn, turn.session.wording.refused(request.id, reason));
  charge(turn, reason);
};

/** Whether the session ever had a share accepted: what it sends may be made up. */
export const isUnproven = ({ accepted }: Pick<SessionCore, 'accepted'>): boolean => accepted === 0;

/** Holds the share against duplicates and sends it out for its verdict. */
export const submitShare = (turn: Turn, request: { readonly id: string }, checked: CheckedShare): void => {
  const { session } = turn;
  const { key, claimed = false, account, jobKey, nTime, nonce, version, extranonce, mix, target } = checked;
  if (session.history.has(jobKey, key)) {
    rejectShare(turn, request, 'duplicate', account);
    return;
  }
  if (!session.history.hold(jobKey, key)) {
    rejectShare(turn, request, 'too-many-shares', account);
    return;
  }
  const { difficulty } = target;
  const ticket = reserveReply(turn, { id: request.id, account, jobKey, key, difficulty, claimed });
  if (ticket === undefined) return;
  // Field by field: what is left of an object after some of its fields is dear to make, for each share.
  const unproven = isUnproven(session);
  const share = { ticket, jobKey, account, nTime, nonce, version, extranonce, target, unproven };
  turn.effects.push({ kind: 'submit', share: mix === undefined ? share : { ...share, mix } });
};

const REJECTED_AS: Readonly<Record<Exclude<ShareOutcome, 'accepted' | 'undecided'>, ShareReject>> = {
  'low-difficulty': 'low-difficulty',
  // The verifier keeps a job at least as long as we do, until a block replaces it.
  'unknown-job': 'stale',
  unverifiable: 'unverifiable',
};

/**
 * The verdict on an earlier share. Also for a peer that is gone: its history must stay right. True when the
 * difficulty changed by it, which the miner then has to be told.
 */
export const settleShare = (turn: Turn, ticket: number, outcome: ShareOutcome): boolean => {
  const { session } = turn;
  const pending = session.replies.takeAwaited(ticket);
  if (pending === undefined) return false;
  const { id, account, jobKey, key, difficulty, claimed } = pending;
  // An undecided share may be in the log: taking it again could count it twice.
  session.history.settle(jobKey, key, outcome === 'accepted' || outcome === 'undecided');
  if (outcome === 'undecided') {
    close(turn, 'not-durable');
    return false;
  }
  if (outcome !== 'accepted') {
    const reason = claimed && outcome === 'low-difficulty' ? 'false-hash' : REJECTED_AS[outcome];
    turn.effects.push({ kind: 'counted', outcome: reason, account });
    settleReply(turn, ticket, session.wording.refused(id, reason));
    const before = session.offences;
    charge(turn, reason);
    // Warned: more work for each share is less to verify until it mends its ways.
    const isWarned = before < WARNING_OFFENCES && session.offences >= WARNING_OFFENCES;
    return isWarned && !session.closed && raiseDifficulty(session.vardiff, turn.nowMs);
  }
  session.accepted += 1;
  if (session.minimumPayout !== undefined) {
    turn.effects.push({ kind: 'payout-wish', account, minimum: session.minimumPayout });
    session.minimumPayout = undefined;
  }
  turn.effects.push({ kind: 'counted', outcome: 'accepted', account });
  settleReply(turn, ticket, session.wording.accepted(id));
  session.offences = Math.max(0, session.offences - OFFENCE_CREDIT);
  return !session.closed && recordShare(session.vardiff, difficulty, turn.nowMs);
};
