/** The keys that sign access tokens: one process makes a new one when the last is old, all read them here. */
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';
import { type Moment, note } from './note.ts';

export interface SigningKey {
  readonly kid: string;
  /** JWK, as jose exports it. */
  readonly privateJwk: Readonly<Record<string, unknown>>;
  readonly madeAtMs: number;
}

export interface SigningTerms {
  /** An older one signs no more. */
  readonly signsForMs: number;
  /** And is known for as long again, so that what it signed last can be checked. */
  readonly knownForMs: number;
}

const SIGNING_LOCK = 6_833_265;

const read = async (db: Kysely<Schema>, madeAfterMs: number): Promise<SigningKey[]> => {
  const rows = await db
    .selectFrom('access_signing_key')
    .selectAll()
    .where('made_at_ms', '>', sql<string>`${madeAfterMs}`)
    .orderBy('made_at_ms', 'desc')
    .execute();
  return rows.map(({ kid, private_jwk, made_at_ms }) => ({
    kid,
    privateJwk: private_jwk as SigningKey['privateJwk'],
    madeAtMs: Number(made_at_ms),
  }));
};

const insert = (trx: Transaction<Schema>, { kid, privateJwk, madeAtMs }: SigningKey): Promise<unknown> =>
  trx
    .insertInto('access_signing_key')
    .values({ kid, private_jwk: JSON.stringify(privateJwk), made_at_ms: BigInt(madeAtMs) })
    .execute();

/** The newest first, which signs; made if there is none that may. */
export const signingKeys = async (
  db: Kysely<Schema>,
  { signsForMs, knownForMs }: SigningTerms,
  make: () => Promise<SigningKey>,
  atMs: number,
): Promise<readonly SigningKey[]> => {
  const mayStillSign = (keys: readonly SigningKey[]): boolean => (keys[0]?.madeAtMs ?? 0) > atMs - signsForMs;
  const found = await read(db, atMs - knownForMs);
  if (mayStillSign(found)) return found;
  return db.transaction().execute(async (trx) => {
    await sql`SELECT pg_advisory_xact_lock(${SIGNING_LOCK})`.execute(trx);
    const meanwhile = await read(trx, atMs - knownForMs);
    if (mayStillSign(meanwhile)) return meanwhile;
    const made = await make();
    await insert(trx, made);
    await sql`DELETE FROM access_signing_key WHERE made_at_ms <= ${atMs - knownForMs}`.execute(trx);
    return [made, ...meanwhile];
  });
};

/** After a leak: nothing that the old ones signed is good any more. */
export const replaceSigningKeys = (db: Kysely<Schema>, made: SigningKey, moment: Moment): Promise<void> =>
  db.transaction().execute(async (trx) => {
    await sql`SELECT pg_advisory_xact_lock(${SIGNING_LOCK})`.execute(trx);
    await sql`DELETE FROM access_signing_key`.execute(trx);
    await insert(trx, made);
    await note(trx, moment, { action: 'access.rotate', target: 'signing keys' });
  });
