/** Sessions and their refresh tokens. A token is rotated under the lock of its session: two that use it see each other. */
import type { RefreshVerdict, SessionTimes } from '@otedama/access';
import type { Role, SessionSummary } from '@otedama/contracts';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';
import { type Moment, note } from './note.ts';

export interface SessionUser {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

export interface LiveSession extends SessionTimes {
  readonly id: string;
  readonly user: SessionUser;
}

export interface NewSession {
  readonly id: string;
  readonly userId: string;
  readonly refreshDigest: Buffer;
  readonly address: string;
  readonly agent: string;
}

/** For whoever looks into what happened; the audit log keeps the beginning and the end for ever. */
const KEPT_MS = 30 * 24 * 3_600_000;

interface SessionRow {
  readonly id: string;
  readonly started_at_ms: string;
  readonly refreshed_at_ms: string;
  readonly ended_at_ms: string | null;
  readonly user_id: string;
  readonly name: string;
  readonly role: Role;
}

const toSession = (row: SessionRow): LiveSession => ({
  id: row.id,
  startedAtMs: Number(row.started_at_ms),
  refreshedAtMs: Number(row.refreshed_at_ms),
  endedAtMs: row.ended_at_ms === null ? undefined : Number(row.ended_at_ms),
  user: { id: row.user_id, name: row.name, role: row.role },
});

const COLUMNS = sql`s.id, s.started_at_ms, s.refreshed_at_ms, s.ended_at_ms, u.id AS user_id, u.name, u.role`;

/** Of a user that may log in. */
export const findSession = async (db: Kysely<Schema>, id: string): Promise<LiveSession | undefined> => {
  const { rows } = await sql<SessionRow>`
    SELECT ${COLUMNS} FROM access_session s JOIN access_user u ON u.id = s.user_id
     WHERE s.id = ${id} AND NOT u.is_disabled`.execute(db);
  return rows[0] && toSession(rows[0]);
};

export const insertSession = async (
  trx: Transaction<Schema>,
  { id, userId, refreshDigest, address, agent }: NewSession,
  { atMs, most }: { readonly atMs: number; readonly most: number },
): Promise<void> => {
  await sql`DELETE FROM access_session WHERE refreshed_at_ms < ${atMs - KEPT_MS}`.execute(trx);
  await sql`
    UPDATE access_session SET ended_at_ms = ${atMs}
     WHERE id IN (SELECT id FROM access_session WHERE user_id = ${userId} AND ended_at_ms IS NULL
                   ORDER BY refreshed_at_ms DESC, id OFFSET ${most - 1})`.execute(trx);
  await sql`
    INSERT INTO access_session (id, user_id, address, agent, started_at_ms, refreshed_at_ms)
    VALUES (${id}, ${userId}, ${address}, ${agent}, ${atMs}, ${atMs})`.execute(trx);
  await sql`
    INSERT INTO access_refresh (digest, session_id) VALUES (${refreshDigest}, ${id})`.execute(trx);
  await sql`UPDATE access_user SET last_login_at_ms = ${atMs} WHERE id = ${userId}`.execute(trx);
};

export interface Refresh {
  readonly digest: Buffer;
  /** Takes its place. */
  readonly nextDigest: Buffer;
  readonly judge: (session: SessionTimes, replacedAtMs: number | undefined) => RefreshVerdict;
}

const rotate = async (
  trx: Transaction<Schema>,
  sessionId: string,
  { digest, nextDigest }: Refresh,
  atMs: number,
): Promise<void> => {
  await sql`UPDATE access_refresh SET replaced_at_ms = ${atMs} WHERE digest = ${digest}`.execute(trx);
  await sql`INSERT INTO access_refresh (digest, session_id) VALUES (${nextDigest}, ${sessionId})`.execute(
    trx,
  );
  await sql`UPDATE access_session SET refreshed_at_ms = ${atMs} WHERE id = ${sessionId}`.execute(trx);
};

/** Undefined: no such token was ever given out, or its user is out. */
export const refreshSession = (
  db: Kysely<Schema>,
  refresh: Refresh,
  atMs: number,
  address: string,
): Promise<{ readonly verdict: RefreshVerdict; readonly session: LiveSession } | undefined> =>
  db.transaction().execute(async (trx) => {
    const { rows } = await sql<SessionRow>`
      SELECT ${COLUMNS} FROM access_session s JOIN access_user u ON u.id = s.user_id
       WHERE s.id = (SELECT session_id FROM access_refresh WHERE digest = ${refresh.digest}) AND NOT u.is_disabled
         FOR UPDATE OF s`.execute(trx);
    const [row] = rows;
    if (row === undefined) return undefined;
    const session = toSession(row);
    // Read under the lock: it may have been replaced while we waited.
    const token = await trx
      .selectFrom('access_refresh')
      .select('replaced_at_ms')
      .where('digest', '=', refresh.digest)
      .executeTakeFirst();
    const replaced = token?.replaced_at_ms ?? null;
    const verdict = refresh.judge(session, replaced === null ? undefined : Number(replaced));
    if (verdict === 'rotate') await rotate(trx, session.id, refresh, atMs);
    if (verdict === 'reused') {
      const by = { actor: { kind: 'system', id: '', name: 'access' }, address } as const;
      await endSession(trx, session, { by, atMs }, 'session.reuse');
    }
    return { verdict, session };
  });

const endSession = async (
  trx: Transaction<Schema>,
  { id, user }: Pick<LiveSession, 'id' | 'user'>,
  moment: Moment,
  action: string,
): Promise<void> => {
  await sql`
    UPDATE access_session SET ended_at_ms = ${moment.atMs} WHERE id = ${id} AND ended_at_ms IS NULL`.execute(
    trx,
  );
  await note(trx, moment, { action, target: user.name, details: { session: id } });
};

export interface SessionEnd {
  /** The session, or one of its refresh tokens. */
  readonly of: { readonly id: string } | { readonly digest: Buffer };
  /** Only a session of this user. */
  readonly userId?: string | undefined;
  /** Undefined: the user of the session. */
  readonly by?: Moment['by'] | undefined;
  readonly address?: string | undefined;
}

export const endOneSession = (
  db: Kysely<Schema>,
  { of, userId, by, address }: SessionEnd,
  atMs: number,
): Promise<boolean> =>
  db.transaction().execute(async (trx) => {
    const id =
      'id' in of
        ? of.id
        : (
            await trx
              .selectFrom('access_refresh')
              .select('session_id')
              .where('digest', '=', of.digest)
              .executeTakeFirst()
          )?.session_id;
    const session = id === undefined ? undefined : await findSession(trx, id);
    if (session === undefined || session.endedAtMs !== undefined) return false;
    if (userId !== undefined && session.user.id !== userId) return false;
    const { id: actorId, name } = session.user;
    const own = {
      actor: { kind: 'user', id: actorId, name },
      ...(address === undefined ? {} : { address }),
    } as const;
    await endSession(trx, session, { by: by ?? own, atMs }, 'session.end');
    return true;
  });

/** Of a user, but for one that is kept. */
export const endSessionsOf = async (
  trx: Transaction<Schema>,
  userId: string,
  atMs: number,
  keep?: string,
): Promise<void> => {
  await sql`
    UPDATE access_session SET ended_at_ms = ${atMs}
     WHERE user_id = ${userId} AND ended_at_ms IS NULL AND id IS DISTINCT FROM ${keep ?? null}::uuid`.execute(
    trx,
  );
};

export const endAllSessions = (
  db: Kysely<Schema>,
  user: { readonly id: string; readonly name: string },
  moment: Moment,
  keep?: string,
): Promise<void> =>
  db.transaction().execute(async (trx) => {
    await endSessionsOf(trx, user.id, moment.atMs, keep);
    await note(trx, moment, { action: 'session.end-all', target: user.name });
  });

export interface SessionFilter {
  readonly userId?: string | undefined;
  readonly refreshedAfterMs: number;
  readonly startedAfterMs: number;
  readonly idleMs: number;
  readonly absoluteMs: number;
  readonly limit: number;
}

/** Those that live, the busiest first. */
export const listSessions = async (db: Kysely<Schema>, filter: SessionFilter): Promise<SessionSummary[]> => {
  const { rows } = await sql<SessionRow & { address: string; agent: string }>`
    SELECT ${COLUMNS}, s.address, s.agent FROM access_session s JOIN access_user u ON u.id = s.user_id
     WHERE s.ended_at_ms IS NULL AND NOT u.is_disabled AND s.refreshed_at_ms > ${filter.refreshedAfterMs}
       AND s.started_at_ms > ${filter.startedAfterMs}
       AND (${filter.userId ?? null}::bigint IS NULL OR u.id = ${filter.userId ?? null}::bigint)
     ORDER BY s.refreshed_at_ms DESC, s.id LIMIT ${filter.limit}`.execute(db);
  return rows.map((row) => {
    const { id, user, startedAtMs, refreshedAtMs } = toSession(row);
    const expiresAtMs = Math.min(startedAtMs + filter.absoluteMs, refreshedAtMs + filter.idleMs);
    const { address, agent } = row;
    return { id, user: user.name, startedAtMs, refreshedAtMs, expiresAtMs, address, agent };
  });
};
