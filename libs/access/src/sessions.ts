/**
 * Sessions: a login begins one, each refresh replaces its token by another. A token that was replaced and comes back
 * is in two hands, and nobody can tell whose are the right ones: the session ends.
 */
export interface SessionLimits {
  /** A session ends when nobody has refreshed it for so long. */
  readonly idleMs: number;
  /** And however busy it is, after so long. */
  readonly absoluteMs: number;
}

const ABSOLUTE_IDLES = 7;
/** Two tabs refresh at once, or an answer is lost: the token before is still known for a moment. */
export const REFRESH_GRACE_MS = 10_000;
/** The oldest is ended by the next login. */
export const MAX_SESSIONS_OF_USER = 20;
/** Refreshed a minute before its end. */
export const ACCESS_TOKEN_MS = 10 * 60_000;

export const sessionLimits = (tokenExpiryMs: number): SessionLimits => ({
  idleMs: tokenExpiryMs,
  absoluteMs: ABSOLUTE_IDLES * tokenExpiryMs,
});

export interface SessionTimes {
  readonly startedAtMs: number;
  readonly refreshedAtMs: number;
  readonly endedAtMs: number | undefined;
}

export const isAlive = (session: SessionTimes, limits: SessionLimits, nowMs: number): boolean =>
  session.endedAtMs === undefined &&
  nowMs - session.refreshedAtMs < limits.idleMs &&
  nowMs - session.startedAtMs < limits.absoluteMs;

export type RefreshVerdict =
  /** A new token takes the place of this one. */
  | 'rotate'
  /** An access token, and no new refresh token: another tab has that. */
  | 'repeat'
  /** Reuse: the session is to be ended. */
  | 'reused'
  | 'over';

/** `replacedAtMs`: when the token that was shown was replaced; undefined: it is the current one. */
export const judgeRefresh = (
  session: SessionTimes,
  replacedAtMs: number | undefined,
  limits: SessionLimits,
  nowMs: number,
): RefreshVerdict => {
  if (!isAlive(session, limits, nowMs)) return 'over';
  if (replacedAtMs === undefined) return 'rotate';
  return nowMs - replacedAtMs < REFRESH_GRACE_MS ? 'repeat' : 'reused';
};
