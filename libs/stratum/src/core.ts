/** What is the same in every dialect's session: its beginning, its estate, its time-outs. */
import { ReplyQueue } from './reply-queue.ts';
import type { CoreEnv, Estate, SessionCore, Wording } from './session.ts';
import { ShareHistory } from './share-history.ts';
import { close, type Turn } from './turn.ts';
import { createVardiff, recordSilence } from './vardiff.ts';

export const createCore = (
  env: Pick<CoreEnv, 'vardiff'>,
  wording: Wording,
  stoppedReason: string | undefined,
  nowMs: number,
): SessionCore => ({
  connectedAtMs: nowMs,
  vardiff: createVardiff(env.vardiff, nowMs),
  replies: new ReplyQueue(),
  accounts: new Map(),
  wording,
  history: new ShareHistory(),
  lease: undefined,
  agent: '',
  stoppedReason,
  minimumPayout: undefined,
  offences: 0,
  accepted: 0,
  lastMessageAtMs: nowMs,
  closed: false,
  follows: false,
});

/** What the session leaves behind for the connection that resumes it. */
export const estateOf = (session: SessionCore): Estate => ({
  difficulty: session.vardiff.difficulty,
  history: session.history,
});

/**
 * Sends away who does not log in or says nothing. True when the miner's silence has lowered its difficulty,
 * which it then has to be told.
 */
export const checkTime = (
  turn: Turn,
  env: Pick<CoreEnv, 'handshakeTimeoutMs' | 'idleTimeoutMs'>,
  hasJob: boolean,
): boolean => {
  const { session, nowMs } = turn;
  if (session.accounts.size === 0 && nowMs - session.connectedAtMs > env.handshakeTimeoutMs) {
    close(turn, 'handshake-timeout');
    return false;
  }
  if (nowMs - session.lastMessageAtMs > env.idleTimeoutMs) {
    close(turn, 'idle');
    return false;
  }
  if (!hasJob || session.stoppedReason !== undefined) return false;
  // A verdict that is late is no silence of the miner.
  return session.replies.awaited === 0 && recordSilence(session.vardiff, nowMs);
};
