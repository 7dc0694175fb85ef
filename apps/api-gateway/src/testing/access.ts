/** Accounting's side of access as the tests play it: real tokens, by keys of their own. For tests only. */
import { randomUUID } from 'node:crypto';

import {
  ACCESS_AUDIENCE,
  type AccessState,
  DEVICE_AUDIENCE,
  type Role,
  type SessionGrant,
  Subject,
  TOKEN_ISSUER,
} from '@otedama/contracts';
import { type CryptoKey, SignJWT, exportJWK, generateKeyPair } from 'jose';

import type { TestGateway } from './harness.ts';

export const PASSWORD = 'nine lively cats 42';

export interface Signer {
  readonly kid: string;
  readonly key: CryptoKey;
  readonly publicKey: AccessState['keys'][number];
}

export async function makeSigner(kid: string = randomUUID()): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  const { x = '' } = await exportJWK(publicKey);
  return { kid, key: privateKey, publicKey: { kid, kty: 'OKP', crv: 'Ed25519', x, alg: 'EdDSA' } };
}

export interface Claims {
  readonly sub?: string;
  readonly sid?: string;
  readonly name?: string;
  readonly iss?: string;
  readonly aud?: string;
  readonly expiresAtMs: number;
}

export const signToken = (
  { kid, key }: Signer,
  { sub = '7', sid, name, iss = TOKEN_ISSUER, aud = ACCESS_AUDIENCE, expiresAtMs }: Claims,
): Promise<string> =>
  new SignJWT({ ...(sid === undefined ? {} : { sid }), ...(name === undefined ? {} : { name }) })
    .setProtectedHeader({ alg: 'EdDSA', kid })
    .setSubject(sub)
    .setIssuer(iss)
    .setAudience(aud)
    .setJti(randomUUID())
    .setExpirationTime(Math.floor(expiresAtMs / 1_000))
    .sign(key);

export interface TestUser {
  readonly name: string;
  role: Role;
  isOut: boolean;
}

export interface TestAccess {
  readonly signer: Signer;
  readonly user: TestUser;
  readonly sessionId: string;
  /** An access token of the user's session. */
  token(): Promise<string>;
}

/** A pool with one user, who logs in with `PASSWORD`. */
export async function playAccess(api: TestGateway, role: Role): Promise<TestAccess> {
  const signer = await makeSigner();
  const user: TestUser = { name: 'ann', role, isOut: false };
  const sessionId = randomUUID();
  const lifeMs = 600_000;
  const token = (): Promise<string> =>
    signToken(signer, { sid: sessionId, expiresAtMs: api.time.nowMs + lifeMs });
  const grant = async (): Promise<SessionGrant> => ({
    user: { id: '7', name: user.name, role: user.role },
    sessionId,
    accessToken: await token(),
    accessExpiresAtMs: api.time.nowMs + lifeMs,
    refreshToken: `otedama_refresh_${'A'.repeat(43)}`,
    refreshExpiresAtMs: api.time.nowMs + 10 * lifeMs,
    deviceToken: await signToken(signer, {
      sub: user.name,
      aud: DEVICE_AUDIENCE,
      expiresAtMs: api.time.nowMs + 100 * lifeMs,
    }),
  });
  api.queries.answer(Subject.accessState, () => ({ hasUsers: true, keys: [signer.publicKey] }));
  api.queries.answer(Subject.accessIdentify, (request) => {
    const asked = request as { kind: string; sessionId?: string };
    if (asked.sessionId !== sessionId || user.isOut) return {};
    return { identity: { kind: 'user', id: '7', name: user.name, role: user.role } };
  });
  api.queries.answer(Subject.accessLogin, async (request) => {
    const { name, password } = request as { name: string; password: string };
    const isRight = name === user.name && password === PASSWORD;
    return isRight ? { ok: true, grant: await grant() } : { ok: false, reason: 'denied' };
  });
  api.queries.answer(Subject.accessRefresh, async () => ({ ok: true, grant: await grant() }));
  api.queries.answer(Subject.accessLogout, () => {
    const ended = !user.isOut;
    user.isOut = true;
    return { ended };
  });
  return { signer, user, sessionId, token };
}
