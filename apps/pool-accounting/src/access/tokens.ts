/**
 * Access tokens: JSON Web Tokens that name a session for ten minutes, signed with Ed25519. Only accounting can make
 * one; the API is given the public halves of the keys. A device token says that a device once logged in to an account.
 * A command of the machine itself, which may read the keys, makes a token for the user of the system that runs it.
 */
import { randomUUID } from 'node:crypto';
import { ACCESS_TOKEN_MS } from '@otedama/access';
import {
  ACCESS_AUDIENCE,
  type AccessState,
  type AuditActor,
  COMMAND_AUDIENCE,
  DEVICE_AUDIENCE,
  type Clock,
  TOKEN_ALGORITHM,
  TOKEN_ISSUER,
} from '@otedama/contracts';
import type { AccessStore, SigningKey } from '@otedama/ledger';
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';

const DAY_MS = 24 * 3_600_000;
/** A device is known for as long as the key that vouched for it. */
const DEVICE_TOKEN_MS = 90 * DAY_MS;
/** A command asks a few things and ends. */
const COMMAND_TOKEN_MS = 60_000;
const TERMS = { signsForMs: 90 * DAY_MS, knownForMs: 180 * DAY_MS };

export interface Tokens {
  access(
    user: { readonly id: string },
    sessionId: string,
  ): Promise<{ readonly token: string; readonly expiresAtMs: number }>;
  device(name: string): Promise<string>;
  command(user: Pick<AuditActor, 'id' | 'name'>): Promise<string>;
  publicKeys(): Promise<AccessState['keys']>;
}

export const makeSigningKey = async (atMs: number): Promise<SigningKey> => {
  const { privateKey } = await generateKeyPair(TOKEN_ALGORITHM, { crv: 'Ed25519', extractable: true });
  return { kid: randomUUID(), privateJwk: { ...(await exportJWK(privateKey)) }, madeAtMs: atMs };
};

const publicHalf = ({ kid, privateJwk }: SigningKey): AccessState['keys'][number] => ({
  kid,
  kty: 'OKP',
  crv: 'Ed25519',
  x: String(privateJwk['x']),
  alg: TOKEN_ALGORITHM,
});

const toSeconds = (ms: number): number => Math.floor(ms / 1_000);

export const createTokens = (store: Pick<AccessStore, 'signingKeys'>, clock: Clock): Tokens => {
  const keys = (): Promise<readonly SigningKey[]> =>
    store.signingKeys(TERMS, () => makeSigningKey(clock()), clock());
  const sign = async (token: SignJWT, lifeMs: number): Promise<string> => {
    const [key] = await keys();
    if (key === undefined) throw new Error('there is no key to sign with');
    const atMs = clock();
    return token
      .setProtectedHeader({ alg: TOKEN_ALGORITHM, kid: key.kid })
      .setIssuer(TOKEN_ISSUER)
      .setIssuedAt(toSeconds(atMs))
      .setExpirationTime(toSeconds(atMs + lifeMs))
      .sign(await importJWK(key.privateJwk as JWK, TOKEN_ALGORITHM));
  };
  return {
    async access({ id }, sessionId) {
      const token = new SignJWT({ sid: sessionId }).setSubject(id).setAudience(ACCESS_AUDIENCE);
      const expiresAtMs = clock() + ACCESS_TOKEN_MS;
      return { token: await sign(token, ACCESS_TOKEN_MS), expiresAtMs };
    },
    device: (name) =>
      sign(new SignJWT().setSubject(name).setAudience(DEVICE_AUDIENCE).setJti(randomUUID()), DEVICE_TOKEN_MS),
    command: ({ id, name }) =>
      sign(new SignJWT({ name }).setSubject(id).setAudience(COMMAND_AUDIENCE), COMMAND_TOKEN_MS),
    publicKeys: async () => (await keys()).map(publicHalf),
  };
};
