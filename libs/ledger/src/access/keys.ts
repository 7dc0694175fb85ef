/** API keys: known by their digests. One that is revoked or expired stays in the table and opens nothing. */
import type { KeySummary, Role } from '@otedama/contracts';
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';
import { type Moment, note } from './note.ts';

export interface NewKey {
  readonly digest: Buffer;
  readonly shown: string;
  readonly name: string;
  readonly role: Role;
  readonly expiresAtMs: number | undefined;
}

export interface KeyIdentity {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

/** That are good at a time; every list of them fits into one answer. */
const MAX_KEYS = 1_000;
const MINUTE_MS = 60_000;
const KEYS_LOCK = 6_833_264;

const isGood = (atMs: number) =>
  sql<boolean>`revoked_at_ms IS NULL AND (expires_at_ms IS NULL OR expires_at_ms > ${atMs})`;

/** Undefined: there are too many. */
export const addKey = (db: Kysely<Schema>, key: NewKey, moment: Moment): Promise<string | undefined> =>
  db.transaction().execute(async (trx) => {
    await sql`SELECT pg_advisory_xact_lock(${KEYS_LOCK})`.execute(trx);
    const { rows } = await sql<{ count: string }>`
      SELECT count(*) FROM access_key WHERE ${isGood(moment.atMs)}`.execute(trx);
    if (Number(rows[0]?.count ?? 0) >= MAX_KEYS) return undefined;
    const { id } = await trx
      .insertInto('access_key')
      .values({
        digest: key.digest,
        shown: key.shown,
        name: key.name,
        role: key.role,
        created_by: moment.by.actor.name,
        created_at_ms: BigInt(moment.atMs),
        expires_at_ms: key.expiresAtMs === undefined ? null : BigInt(key.expiresAtMs),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await note(trx, moment, {
      action: 'key.add',
      target: `key ${id}`,
      details: { name: key.name, role: key.role, shown: key.shown },
    });
    return id;
  });

export const revokeKey = (db: Kysely<Schema>, id: string, moment: Moment): Promise<boolean> =>
  db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ name: string }>`
      UPDATE access_key SET revoked_at_ms = ${moment.atMs}
       WHERE id = ${id} AND ${isGood(moment.atMs)} RETURNING name`.execute(trx);
    const [key] = rows;
    if (key === undefined) return false;
    await note(trx, moment, { action: 'key.revoke', target: `key ${id}`, details: { name: key.name } });
    return true;
  });

/** Notes the use, once a minute. */
export const identifyKey = async (
  db: Kysely<Schema>,
  digest: Buffer,
  atMs: number,
): Promise<KeyIdentity | undefined> => {
  const { rows } = await sql<KeyIdentity & { last_used_at_ms: string | null }>`
    SELECT id, name, role, last_used_at_ms FROM access_key
     WHERE digest = ${digest} AND ${isGood(atMs)}`.execute(db);
  const [found] = rows;
  if (found === undefined) return undefined;
  if (Number(found.last_used_at_ms ?? 0) < atMs - MINUTE_MS) {
    await sql`UPDATE access_key SET last_used_at_ms = ${atMs} WHERE id = ${found.id}`.execute(db);
  }
  return { id: found.id, name: found.name, role: found.role };
};

export const listKeys = async (db: Kysely<Schema>, atMs: number): Promise<KeySummary[]> => {
  const rows = await db
    .selectFrom('access_key')
    .selectAll()
    .where(isGood(atMs))
    .orderBy('id', 'desc')
    .limit(MAX_KEYS)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    role: row.role,
    shown: row.shown,
    createdBy: row.created_by,
    createdAtMs: Number(row.created_at_ms),
    ...(row.expires_at_ms === null ? {} : { expiresAtMs: Number(row.expires_at_ms) }),
    ...(row.last_used_at_ms === null ? {} : { lastUsedAtMs: Number(row.last_used_at_ms) }),
  }));
};
