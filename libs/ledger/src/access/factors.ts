/** What a user proves itself with, as the user changes it; and the second factor, of which nothing counts twice. */
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';
import { type Moment, note } from './note.ts';
import { endSessionsOf } from './sessions.ts';
import { findUser, forgetTotp, lockUser, type StoredUser } from './users.ts';

/** A second factor that was right: its step or its code is used up by what it allows. */
export type SecondFactor =
  | { readonly kind: 'none' }
  | { readonly kind: 'totp'; readonly step: number }
  | { readonly kind: 'recovery'; readonly digest: Buffer };

/** What the caller has checked, before the transaction in which it counts. */
export interface Proof {
  readonly userId: string;
  /** The record of the password that was right. */
  readonly password: string;
  readonly second: SecondFactor;
}

export type FactorChange =
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'totp-begin'; readonly secret: Buffer }
  | { readonly kind: 'totp-confirm'; readonly step: number; readonly recoveryDigests: readonly Buffer[] }
  | { readonly kind: 'totp-end' };

const spend = async (trx: Transaction<Schema>, userId: string, second: SecondFactor): Promise<boolean> => {
  if (second.kind === 'none') return true;
  const { numAffectedRows } = await (
    second.kind === 'totp'
      ? sql`UPDATE access_user SET totp_last_step = ${second.step}
           WHERE id = ${userId} AND coalesce(totp_last_step, -1) < ${second.step}`
      : sql`DELETE FROM access_recovery_code WHERE user_id = ${userId} AND digest = ${second.digest}`
  ).execute(trx);
  return numAffectedRows === 1n;
};

/** Locks the user. Undefined: something has changed since the proof was checked, or its code was used meanwhile. */
export const acceptProof = async (
  trx: Transaction<Schema>,
  { userId, password, second }: Proof,
): Promise<StoredUser | undefined> => {
  const user = await lockUser(trx, userId);
  if (user === undefined || user.isDisabled || user.password !== password) return undefined;
  if ((user.totp !== undefined) !== (second.kind !== 'none')) return undefined;
  return (await spend(trx, userId, second)) ? user : undefined;
};

export const setPassword = async (trx: Transaction<Schema>, id: string, password: string): Promise<void> => {
  await trx
    .updateTable('access_user')
    .set({ password, is_password_temporary: false })
    .where('id', '=', id)
    .execute();
};

const confirmTotp = async (
  trx: Transaction<Schema>,
  userId: string,
  { step, recoveryDigests }: Extract<FactorChange, { kind: 'totp-confirm' }>,
): Promise<void> => {
  await sql`
    UPDATE access_user SET totp_secret = totp_pending, totp_pending = NULL, totp_last_step = ${step}
     WHERE id = ${userId}`.execute(trx);
  await trx.deleteFrom('access_recovery_code').where('user_id', '=', userId).execute();
  await trx
    .insertInto('access_recovery_code')
    .values(recoveryDigests.map((digest) => ({ user_id: BigInt(userId), digest })))
    .execute();
};

const apply = async (trx: Transaction<Schema>, userId: string, change: FactorChange): Promise<void> => {
  switch (change.kind) {
    case 'password':
      return setPassword(trx, userId, change.password);
    case 'totp-begin':
      await trx
        .updateTable('access_user')
        .set({ totp_pending: change.secret })
        .where('id', '=', userId)
        .execute();
      return undefined;
    case 'totp-confirm':
      return confirmTotp(trx, userId, change);
    case 'totp-end':
      return forgetTotp(trx, userId);
    default:
      return change satisfies never;
  }
};

/** Other sessions of the user end with every factor that changes. False: the proof holds no more. */
export const changeFactor = (
  db: Kysely<Schema>,
  proof: Proof,
  change: FactorChange,
  { sessionId, ...moment }: Moment & { readonly sessionId: string },
): Promise<boolean> =>
  db.transaction().execute(async (trx) => {
    const user = await acceptProof(trx, proof);
    if (user === undefined) return false;
    await apply(trx, user.id, change);
    if (change.kind !== 'totp-begin') await endSessionsOf(trx, user.id, moment.atMs, sessionId);
    await note(trx, moment, { action: `user.${change.kind}`, target: user.name });
    return true;
  });

/** From the machine itself, where no session is to be kept. */
export const setPasswordOf = (
  db: Kysely<Schema>,
  name: string,
  { password, totp }: { readonly password: string; readonly totp: boolean },
  moment: Moment,
): Promise<'done' | 'unknown'> =>
  db.transaction().execute(async (trx) => {
    const user = await findUser(trx, { name });
    if (user === undefined) return 'unknown';
    await setPassword(trx, user.id, password);
    if (totp) await forgetTotp(trx, user.id);
    await endSessionsOf(trx, user.id, moment.atMs);
    await note(trx, moment, { action: 'user.reset', target: name, details: { password: true, totp } });
    return 'done';
  });
