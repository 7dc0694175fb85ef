/** Who may get in, as accounting and the command line use it. Every method is one transaction or one statement. */
import type { KeySummary, SessionSummary, UserSummary } from '@otedama/contracts';
import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';
import {
  acceptProof,
  changeFactor,
  type FactorChange,
  type Proof,
  setPassword,
  setPasswordOf,
} from './factors.ts';
import { addKey, identifyKey, type KeyIdentity, listKeys, type NewKey, revokeKey } from './keys.ts';
import { type Moment, note } from './note.ts';
import {
  endAllSessions,
  endOneSession,
  findSession,
  insertSession,
  type LiveSession,
  listSessions,
  type NewSession,
  type Refresh,
  refreshSession,
  type SessionEnd,
  type SessionFilter,
} from './sessions.ts';
import { replaceSigningKeys, type SigningKey, signingKeys, type SigningTerms } from './signing-keys.ts';
import {
  addUser,
  changeUser,
  findUser,
  hasUsers,
  listUsers,
  type NewUser,
  resetUser,
  type StoredUser,
  type UserChange,
  type UserOutcome,
  type UserReset,
} from './users.ts';

export interface SessionStart {
  readonly proof: Proof;
  readonly session: Omit<NewSession, 'userId'>;
  /** Set with the session, where the old one may not be kept. */
  readonly newPassword: string | undefined;
  /** Sessions of the user; the idlest makes room. */
  readonly most: number;
}

export interface AccessStore {
  hasUsers(): Promise<boolean>;
  findUser(by: { readonly name: string } | { readonly id: string }): Promise<StoredUser | undefined>;
  users(): Promise<UserSummary[]>;
  addUser(user: NewUser, moment: Moment): Promise<'done' | 'exists' | 'full'>;
  changeUser(name: string, change: UserChange, moment: Moment): Promise<UserOutcome>;
  resetUser(name: string, reset: UserReset, moment: Moment): Promise<'done' | 'unknown'>;
  setPasswordOf(
    name: string,
    change: { readonly password: string; readonly totp: boolean },
    moment: Moment,
  ): Promise<'done' | 'unknown'>;
  changeFactor(
    proof: Proof,
    change: FactorChange,
    moment: Moment & { readonly sessionId: string },
  ): Promise<boolean>;
  /** Undefined: the proof holds no more. */
  startSession(start: SessionStart, atMs: number): Promise<StoredUser | undefined>;
  findSession(id: string): Promise<LiveSession | undefined>;
  refreshSession(refresh: Refresh, atMs: number, address: string): ReturnType<typeof refreshSession>;
  /** False: there is no such session that lives. */
  endSession(end: SessionEnd, atMs: number): Promise<boolean>;
  endSessions(
    user: { readonly id: string; readonly name: string },
    moment: Moment,
    keep?: string,
  ): Promise<void>;
  sessions(filter: SessionFilter): Promise<SessionSummary[]>;
  /** Undefined: there are too many. */
  addKey(key: NewKey, moment: Moment): Promise<string | undefined>;
  revokeKey(id: string, moment: Moment): Promise<boolean>;
  identifyKey(digest: Buffer, atMs: number): Promise<KeyIdentity | undefined>;
  keys(atMs: number): Promise<KeySummary[]>;
  signingKeys(
    terms: SigningTerms,
    make: () => Promise<SigningKey>,
    atMs: number,
  ): Promise<readonly SigningKey[]>;
  replaceSigningKeys(made: SigningKey, moment: Moment): Promise<void>;
}

const startSession = (
  db: Kysely<Schema>,
  { proof, session, newPassword, most }: SessionStart,
  atMs: number,
): Promise<StoredUser | undefined> =>
  db.transaction().execute(async (trx) => {
    const user = await acceptProof(trx, proof);
    if (user === undefined) return undefined;
    if (newPassword !== undefined) await setPassword(trx, user.id, newPassword);
    await insertSession(trx, { ...session, userId: user.id }, { atMs, most });
    const actor = { kind: 'user', id: user.id, name: user.name } as const;
    await note(
      trx,
      { by: { actor, address: session.address }, atMs },
      {
        action: 'session.start',
        target: user.name,
        details: {
          session: session.id,
          second: proof.second.kind,
          ...(newPassword === undefined ? {} : { newPassword: true }),
        },
      },
    );
    return user;
  });

export const createAccessStore = (db: Kysely<Schema>): AccessStore => ({
  hasUsers: () => hasUsers(db),
  findUser: (by) => findUser(db, by),
  users: () => listUsers(db),
  addUser: (user, moment) => addUser(db, user, moment),
  changeUser: (name, change, moment) => changeUser(db, name, change, moment),
  resetUser: (name, reset, moment) => resetUser(db, name, reset, moment),
  setPasswordOf: (name, change, moment) => setPasswordOf(db, name, change, moment),
  changeFactor: (proof, change, moment) => changeFactor(db, proof, change, moment),
  startSession: (start, atMs) => startSession(db, start, atMs),
  findSession: (id) => findSession(db, id),
  refreshSession: (refresh, atMs, address) => refreshSession(db, refresh, atMs, address),
  endSession: (end, atMs) => endOneSession(db, end, atMs),
  endSessions: (user, moment, keep) => endAllSessions(db, user, moment, keep),
  sessions: (filter) => listSessions(db, filter),
  addKey: (key, moment) => addKey(db, key, moment),
  revokeKey: (id, moment) => revokeKey(db, id, moment),
  identifyKey: (digest, atMs) => identifyKey(db, digest, atMs),
  keys: (atMs) => listKeys(db, atMs),
  signingKeys: (terms, make, atMs) => signingKeys(db, terms, make, atMs),
  replaceSigningKeys: (made, moment) => replaceSigningKeys(db, made, moment),
});
