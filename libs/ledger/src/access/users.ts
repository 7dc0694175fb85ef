/** Users: added, changed and reset by admins, never removed, so that what they did keeps its author. */
import type { Role, UserSummary } from '@otedama/contracts';
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';
import { type Moment, note } from './note.ts';
import { endSessionsOf } from './sessions.ts';
import type { AccessUserTable } from './tables.ts';

export interface StoredUser {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly password: string;
  readonly isPasswordTemporary: boolean;
  readonly isDisabled: boolean;
  /** Asked for at every login. */
  readonly totp: { readonly secret: Buffer; readonly lastStep: number | undefined } | undefined;
  readonly totpPending: Buffer | undefined;
}

export interface NewUser {
  readonly name: string;
  readonly role: Role;
  readonly password: string;
  readonly isPasswordTemporary: boolean;
}

export type UserChange = { readonly role?: Role | undefined; readonly isDisabled?: boolean | undefined };
/** The new password, if it is to be another one; whether the second factor goes. */
export type UserReset = { readonly password: string | undefined; readonly totp: boolean };
export type UserOutcome = 'done' | 'unknown' | 'last-admin';

/** Nobody has so many people at a pool; every list of users fits into one answer. */
const MAX_USERS = 500;
/** Adding and demoting wait for each other: two admins cannot demote each other at once. */
const USERS_LOCK = 6_833_263;

const toUser = (row: Selectable<AccessUserTable>): StoredUser => ({
  id: row.id,
  name: row.name,
  role: row.role,
  password: row.password,
  isPasswordTemporary: row.is_password_temporary,
  isDisabled: row.is_disabled,
  totp:
    row.totp_secret === null
      ? undefined
      : {
          secret: row.totp_secret,
          lastStep: row.totp_last_step === null ? undefined : Number(row.totp_last_step),
        },
  totpPending: row.totp_pending ?? undefined,
});

const alone = (trx: Transaction<Schema>): Promise<unknown> =>
  sql`SELECT pg_advisory_xact_lock(${USERS_LOCK})`.execute(trx);

export const hasUsers = async (db: Kysely<Schema>): Promise<boolean> =>
  (await db.selectFrom('access_user').select('id').limit(1).execute()).length > 0;

export const findUser = async (
  db: Kysely<Schema>,
  by: { readonly name: string } | { readonly id: string },
): Promise<StoredUser | undefined> => {
  const users = db.selectFrom('access_user').selectAll();
  const row = await (
    'name' in by ? users.where('name', '=', by.name) : users.where('id', '=', by.id)
  ).executeTakeFirst();
  return row && toUser(row);
};

/** For the length of the transaction. */
export const lockUser = async (trx: Transaction<Schema>, id: string): Promise<StoredUser | undefined> => {
  const row = await trx
    .selectFrom('access_user')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row && toUser(row);
};

export const listUsers = async (db: Kysely<Schema>): Promise<UserSummary[]> => {
  const rows = await db.selectFrom('access_user').selectAll().orderBy('name').execute();
  return rows.map((row) => ({
    name: row.name,
    role: row.role,
    isDisabled: row.is_disabled,
    hasTotp: row.totp_secret !== null,
    isPasswordTemporary: row.is_password_temporary,
    createdAtMs: Number(row.created_at_ms),
    ...(row.last_login_at_ms === null ? {} : { lastLoginAtMs: Number(row.last_login_at_ms) }),
  }));
};

export const addUser = (
  db: Kysely<Schema>,
  user: NewUser,
  moment: Moment,
): Promise<'done' | 'exists' | 'full'> =>
  db.transaction().execute(async (trx) => {
    await alone(trx);
    const { count } = await trx
      .selectFrom('access_user')
      .select((eb) => eb.fn.countAll<string>().as('count'))
      .executeTakeFirstOrThrow();
    if (Number(count) >= MAX_USERS) return 'full';
    const added = await trx
      .insertInto('access_user')
      .values({
        name: user.name,
        role: user.role,
        password: user.password,
        is_password_temporary: user.isPasswordTemporary,
        created_at_ms: BigInt(moment.atMs),
      })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (added === undefined) return 'exists';
    await note(trx, moment, { action: 'user.add', target: user.name, details: { role: user.role } });
    return 'done';
  });

const isLastAdmin = async (trx: Transaction<Schema>, name: string): Promise<boolean> => {
  const admins = await trx
    .selectFrom('access_user')
    .select('name')
    .where('role', '=', 'admin')
    .where('is_disabled', '=', false)
    .execute();
  return admins.length === 1 && admins[0]?.name === name;
};

export const changeUser = (
  db: Kysely<Schema>,
  name: string,
  { role, isDisabled }: UserChange,
  moment: Moment,
): Promise<UserOutcome> =>
  db.transaction().execute(async (trx) => {
    await alone(trx);
    const user = await findUser(trx, { name });
    if (user === undefined) return 'unknown';
    const after = { role: role ?? user.role, isDisabled: isDisabled ?? user.isDisabled };
    const losesPower = after.role !== 'admin' || after.isDisabled;
    if (losesPower && (await isLastAdmin(trx, name))) return 'last-admin';
    await trx
      .updateTable('access_user')
      .set({ role: after.role, is_disabled: after.isDisabled })
      .where('id', '=', user.id)
      .execute();
    if (after.isDisabled) await endSessionsOf(trx, user.id, moment.atMs);
    await note(trx, moment, { action: 'user.change', target: name, details: after });
    return 'done';
  });

/** Whoever was in with the old factors is out. */
export const resetUser = (
  db: Kysely<Schema>,
  name: string,
  { password, totp }: UserReset,
  moment: Moment,
): Promise<'done' | 'unknown'> =>
  db.transaction().execute(async (trx) => {
    const user = await findUser(trx, { name });
    if (user === undefined) return 'unknown';
    if (password !== undefined) {
      await trx
        .updateTable('access_user')
        .set({ password, is_password_temporary: true })
        .where('id', '=', user.id)
        .execute();
    }
    if (totp) await forgetTotp(trx, user.id);
    await endSessionsOf(trx, user.id, moment.atMs);
    const details = { password: password !== undefined, totp };
    await note(trx, moment, { action: 'user.reset', target: name, details });
    return 'done';
  });

export const forgetTotp = async (trx: Transaction<Schema>, id: string): Promise<void> => {
  await trx
    .updateTable('access_user')
    .set({ totp_secret: null, totp_pending: null, totp_last_step: null })
    .where('id', '=', id)
    .execute();
  await trx.deleteFrom('access_recovery_code').where('user_id', '=', id).execute();
};
