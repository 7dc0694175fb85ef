import { randomUUID } from 'node:crypto';
import { digestOf, hotp, REFRESH_GRACE_MS, sessionLimits, totpStep } from '@otedama/access';
import {
  ACCESS_AUDIENCE,
  COMMAND_AUDIENCE,
  type Access,
  type AccessActor,
  type LoginRequest,
  type ManageReply,
  type Role,
  type SessionGrant,
  TOKEN_ISSUER,
} from '@otedama/contracts';
import { createAccessStore } from '@otedama/ledger';
import { startTestDatabase, type TestDatabase } from '@otedama/ledger/testing';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { createAccess } from './access.ts';
import { createPasswords } from './passwords.ts';
import { createTokens } from './tokens.ts';

// A real database on a machine that may be busy with other things.
const HOUR_MS = 3_600_000;
const LIMITS = sessionLimits(24 * HOUR_MS);
const PASSWORD = 'nine lively cats 42';
const ROOT: AccessActor = { actor: { kind: 'os', id: '0', name: 'root' } };
const DENIED = { ok: false, reason: 'denied' };
/** The real cost is met by the command line's test. */
const passwords = createPasswords({ log2N: 10, r: 8, p: 1 });

let database: TestDatabase;
let access: Access;
let nowMs = 1_800_000_000_000;

const desk = (): Access =>
  createAccess(
    { store: createAccessStore(database.db), clock: () => nowMs, passwords },
    { tokenExpiryMs: LIMITS.idleMs },
  );

beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.dispose());
beforeEach(async () => {
  await database.reset();
  access = desk();
});

const login = (over: Partial<LoginRequest> = {}) =>
  access.login({
    name: 'ann',
    password: PASSWORD,
    isKnownDevice: false,
    address: '192.0.2.1',
    agent: 'test',
    ...over,
  });

const granted = async (over: Partial<LoginRequest> = {}): Promise<SessionGrant> => {
  const reply = await login(over);
  if (!reply.ok) throw new Error(`login refused: ${reply.reason}`);
  return reply.grant;
};

const addUser = async (name: string, role: Role): Promise<string> => {
  const store = createAccessStore(database.db);
  const password = await passwords.hash(PASSWORD);
  await store.addUser({ name, role, password, isPasswordTemporary: false }, { by: ROOT, atMs: nowMs });
  const user = await store.findUser({ name });
  if (user === undefined) throw new Error('not added');
  return user.id;
};

const secretOf = (reply: ManageReply): string => {
  if (!reply.ok || reply.secret === undefined) throw new Error('no secret');
  return reply.secret;
};

const isAlive = async (sessionId: string): Promise<boolean> =>
  (await access.identify({ kind: 'session', sessionId })).identity !== undefined;

const refresh = (token: string | undefined) => access.refresh({ token: token ?? '', address: '192.0.2.1' });

const audited = async (): Promise<string[]> => {
  const { rows } = await database.pool.query<{ action: string }>(
    'SELECT action FROM audit_entry ORDER BY seq',
  );
  return rows.map(({ action }) => action);
};

describe('login', () => {
  it('begins a session, whose access token the published keys confirm', async () => {
    const userId = await addUser('ann', 'admin');
    const grant = await granted();
    const { keys } = await access.state();
    const { payload } = await jwtVerify(grant.accessToken, createLocalJWKSet({ keys }), {
      issuer: TOKEN_ISSUER,
      audience: ACCESS_AUDIENCE,
      algorithms: ['EdDSA'],
      currentDate: new Date(nowMs),
    });
    expect(payload).toMatchObject({ sub: userId, sid: grant.sessionId });
    expect(decodeProtectedHeader(grant.accessToken).kid).toBe(keys[0]?.kid);
    expect(keys[0]).not.toHaveProperty('d');
    expect(await access.identify({ kind: 'session', sessionId: grant.sessionId })).toEqual({
      identity: { kind: 'user', id: userId, name: 'ann', role: 'admin' },
    });
    expect(await audited()).toEqual(['user.add', 'session.start']);
  });

  it('says the same of a wrong password, nobody and a disabled user', async () => {
    await addUser('ann', 'viewer');
    await addUser('bob', 'admin');
    await access.manage({ by: ROOT, action: { kind: 'change-user', name: 'ann', isDisabled: true } });
    expect(await login()).toEqual(DENIED);
    expect(await login({ name: 'bob', password: 'something else 1' })).toEqual(DENIED);
    expect(await login({ name: 'nobody' })).toEqual(DENIED);
    expect(await login({ name: "bob' OR '1'='1" })).toEqual(DENIED);
  });

  it('asks for a new password where somebody else set it, and takes no bad one', async () => {
    const added = await access.manage({
      by: ROOT,
      action: { kind: 'add-user', name: 'ann', role: 'viewer' },
    });
    const password = secretOf(added);
    expect(await login({ password })).toEqual({ ok: false, reason: 'new-password-needed' });
    expect(await login({ password, newPassword: 'short' })).toEqual({ ok: false, reason: 'too-short' });
    expect(await login({ password, newPassword: password })).toEqual({ ok: false, reason: 'too-simple' });
    await granted({ password, newPassword: PASSWORD });
    expect(await login({ password })).toEqual(DENIED);
    await granted();
  });

  it('ends the idlest session beyond the most', async () => {
    await addUser('ann', 'viewer');
    const first = await granted();
    for (let begun = 0; begun < 19; begun += 1) {
      nowMs += 1_000;
      await granted();
    }
    expect(await isAlive(first.sessionId)).toBe(true);
    nowMs += 1_000;
    await granted();
    expect(await isAlive(first.sessionId)).toBe(false);
    expect(await access.sessions({})).toHaveLength(20);
  });
});

describe('refresh', () => {
  beforeEach(async () => {
    await addUser('ann', 'operator');
  });

  it('replaces the token each time', async () => {
    const first = await granted();
    nowMs += HOUR_MS;
    const second = await refresh(first.refreshToken);
    if (!second.ok) throw new Error('refused');
    expect(second.grant.sessionId).toBe(first.sessionId);
    expect(second.grant.refreshToken).not.toBe(first.refreshToken);
    nowMs += HOUR_MS;
    expect((await refresh(second.grant.refreshToken)).ok).toBe(true);
  });

  it('ends the session when a token that was replaced comes back', async () => {
    const first = await granted();
    const second = await refresh(first.refreshToken);
    nowMs += REFRESH_GRACE_MS - 1;
    const repeated = await refresh(first.refreshToken);
    expect(repeated.ok && repeated.grant.refreshToken).toBeUndefined();
    // The grace does not begin anew with each use.
    nowMs += 1;
    expect(await refresh(first.refreshToken)).toEqual({ ok: false, reason: 'reused' });
    expect(await isAlive(first.sessionId)).toBe(false);
    expect(second.ok && (await refresh(second.grant.refreshToken))).toEqual({ ok: false, reason: 'over' });
    expect((await audited()).at(-1)).toBe('session.reuse');
  });

  it('gives one new token to many that refresh at once, and ends nothing', async () => {
    const first = await granted();
    const replies = await Promise.all(Array.from({ length: 8 }, () => refresh(first.refreshToken)));
    const tokens = replies.flatMap((reply) => (reply.ok && reply.grant.refreshToken) || []);
    expect(replies.every(({ ok }) => ok)).toBe(true);
    expect(tokens).toHaveLength(1);
    expect(await isAlive(first.sessionId)).toBe(true);
  });

  it('ends a session by idleness and by age', async () => {
    const idle = await granted();
    let busy = await granted();
    const begunAtMs = nowMs;
    nowMs += LIMITS.idleMs - 1;
    expect(await isAlive(idle.sessionId)).toBe(true);
    for (;;) {
      const reply = await refresh(busy.refreshToken);
      if (!reply.ok) break;
      busy = reply.grant;
      nowMs += LIMITS.idleMs - 1;
    }
    expect(await isAlive(idle.sessionId)).toBe(false);
    expect(nowMs - begunAtMs).toBeGreaterThanOrEqual(LIMITS.absoluteMs);
    expect(busy.refreshExpiresAtMs).toBeLessThanOrEqual(begunAtMs + LIMITS.absoluteMs);
  });

  it('knows no token that it did not give out', async () => {
    for (const token of ['', 'otedama_refresh_x', `otedama_refresh_${'A'.repeat(43)}`]) {
      expect(await refresh(token)).toEqual({ ok: false, reason: 'over' });
    }
  });
});

describe('a second factor', () => {
  const own = { address: '192.0.2.1', password: PASSWORD };
  let grant: SessionGrant;
  let secret: Buffer;
  const codeNow = (): string => hotp(secret, totpStep(nowMs));
  const change = (
    over: Pick<Parameters<Access['own']>[0], 'action'> & { code?: string; password?: string },
  ) => access.own({ ...own, userId: grant.user.id, sessionId: grant.sessionId, ...over });

  const switchOn = async (): Promise<readonly string[]> => {
    const begun = await change({ action: { kind: 'totp-begin' } });
    if (!begun.ok || begun.totp === undefined) throw new Error('not begun');
    const row = await createAccessStore(database.db).findUser({ name: 'ann' });
    secret = row?.totpPending ?? Buffer.alloc(0);
    const confirmed = await change({ action: { kind: 'totp-confirm', code: codeNow() } });
    if (!confirmed.ok || confirmed.recoveryCodes === undefined) throw new Error('not confirmed');
    nowMs += 30_000;
    return confirmed.recoveryCodes;
  };

  beforeEach(async () => {
    await addUser('ann', 'admin');
    grant = await granted();
  });

  it('counts from its first right code on, and ends the other sessions', async () => {
    const other = await granted();
    await change({ action: { kind: 'totp-begin' } });
    await granted();
    expect(await change({ action: { kind: 'totp-confirm', code: '000000' } })).toEqual(DENIED);
    await switchOn();
    expect(await login()).toEqual({ ok: false, reason: 'code-needed' });
    expect([await isAlive(grant.sessionId), await isAlive(other.sessionId)]).toEqual([true, false]);
  });

  it('takes a code once, also when it is tried many times at once', async () => {
    await switchOn();
    const code = codeNow();
    const replies = await Promise.all(Array.from({ length: 6 }, () => login({ code })));
    expect(replies.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await login({ code })).toEqual(DENIED);
    nowMs += 30_000;
    await granted({ code: codeNow() });
  });

  it('takes each recovery code once', async () => {
    const [first = '', second = ''] = await switchOn();
    await granted({ code: first.toLowerCase() });
    expect(await login({ code: first })).toEqual(DENIED);
    await granted({ code: second });
    expect(await login({ code: 'ABCD-EFGH-IJKL-MNOP' })).toEqual(DENIED);
  });

  it('is needed for whatever changes the factors, beside the password', async () => {
    await switchOn();
    const action = { kind: 'password', newPassword: 'eleven quiet owls 7' } as const;
    expect(await change({ action })).toEqual({ ok: false, reason: 'code-needed' });
    expect(await change({ action, code: '000000' })).toEqual(DENIED);
    expect(await change({ action, code: codeNow(), password: 'something else 1' })).toEqual(DENIED);
    expect(await change({ action, code: codeNow() })).toEqual({ ok: true });
    nowMs += 30_000;
    expect(await login({ code: codeNow() })).toEqual(DENIED);
    await granted({ password: action.newPassword, code: codeNow() });
  });

  it('can be taken away by an admin, which ends every session', async () => {
    await switchOn();
    await access.manage({
      by: ROOT,
      action: { kind: 'reset-user', name: 'ann', password: false, totp: true },
    });
    expect(await isAlive(grant.sessionId)).toBe(false);
    await granted();
  });
});

describe('an admin', () => {
  const manage = (action: Parameters<Access['manage']>[0]['action']) => access.manage({ by: ROOT, action });

  it('cannot leave the pool without an admin, also not two at once', async () => {
    await addUser('ann', 'admin');
    expect(await manage({ kind: 'change-user', name: 'ann', role: 'viewer' })).toEqual({
      ok: false,
      reason: 'last-admin',
    });
    await addUser('bob', 'admin');
    const both = await Promise.all(
      ['ann', 'bob'].map((name) => manage({ kind: 'change-user', name, isDisabled: true })),
    );
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
  });

  it('puts a user out at once', async () => {
    await addUser('ann', 'operator');
    await addUser('bob', 'admin');
    const { sessionId, refreshToken } = await granted();
    await manage({ kind: 'change-user', name: 'ann', isDisabled: true });
    expect(await isAlive(sessionId)).toBe(false);
    expect(await refresh(refreshToken)).toEqual({ ok: false, reason: 'over' });
    await manage({ kind: 'change-user', name: 'ann', isDisabled: false });
    expect(await isAlive(sessionId)).toBe(false);
  });

  it('changes a role, and it counts for the sessions that there are', async () => {
    await addUser('ann', 'viewer');
    const { sessionId } = await granted();
    await manage({ kind: 'change-user', name: 'ann', role: 'operator' });
    expect(await access.identify({ kind: 'session', sessionId })).toMatchObject({
      identity: { role: 'operator' },
    });
  });

  it('makes keys, which are kept as digests, expire and can be revoked', async () => {
    const secret = secretOf(
      await manage({ kind: 'add-key', name: 'ci', role: 'viewer', expiresAtMs: nowMs + HOUR_MS }),
    );
    const forever = secretOf(await manage({ kind: 'add-key', name: 'bot', role: 'operator' }));
    const identify = (key: string) =>
      access.identify({ kind: 'key', digestHex: digestOf(key).toString('hex') });
    expect(await identify(secret)).toMatchObject({ identity: { kind: 'key', name: 'ci', role: 'viewer' } });
    const { rows } = await database.pool.query('SELECT * FROM access_key');
    expect(JSON.stringify(rows)).not.toContain(secret.slice(24));
    nowMs += HOUR_MS;
    expect(await identify(secret)).toEqual({});
    const [{ id = '', lastUsedAtMs } = {}] = await access.keys();
    expect(lastUsedAtMs).toBeUndefined();
    expect(await identify(forever)).toMatchObject({ identity: { name: 'bot' } });
    expect(await manage({ kind: 'revoke-key', id })).toEqual({ ok: true });
    expect(await identify(forever)).toEqual({});
    expect(await manage({ kind: 'revoke-key', id })).toEqual({ ok: false, reason: 'unknown' });
  });

  it('ends one session, or all of a user', async () => {
    const ann = await addUser('ann', 'viewer');
    const [one, two, three] = [await granted(), await granted(), await granted()];
    const bob = await addUser('bob', 'viewer');
    expect(await manage({ kind: 'end-session', id: one.sessionId, userId: bob })).toMatchObject({
      ok: false,
    });
    expect(await manage({ kind: 'end-session', id: one.sessionId, userId: ann })).toEqual({ ok: true });
    expect(await manage({ kind: 'end-session', id: randomUUID() })).toMatchObject({ reason: 'unknown' });
    expect(await access.logout({ token: two.refreshToken ?? '', address: '' })).toEqual({ ended: true });
    expect(await access.sessions({ userId: ann })).toMatchObject([{ id: three.sessionId }]);
    await manage({ kind: 'end-sessions', name: 'ann' });
    expect(await access.sessions({})).toEqual([]);
  });
});

it('makes one signing key, also when several processes need one at once, and a new one each quarter', async () => {
  await addUser('ann', 'viewer');
  await Promise.all([desk(), desk(), desk()].map((each) => each.state()));
  const [first] = (await access.state()).keys;
  expect((await access.state()).keys).toHaveLength(1);
  nowMs += 91 * 24 * HOUR_MS;
  const later = (await access.state()).keys;
  expect(later).toHaveLength(2);
  expect(later[1]).toEqual(first);
  nowMs += 91 * 24 * HOUR_MS;
  expect((await access.state()).keys).not.toContainEqual(first);
});

it('names the user of the system in the token of a command, for a minute', async () => {
  const tokens = createTokens(createAccessStore(database.db), () => nowMs);
  const token = await tokens.command({ id: '1000', name: 'carol' });
  const keys = createLocalJWKSet({ keys: (await access.state()).keys });
  const options = { issuer: TOKEN_ISSUER, audience: COMMAND_AUDIENCE, algorithms: ['EdDSA'] };
  const { payload } = await jwtVerify(token, keys, { ...options, currentDate: new Date(nowMs) });
  expect(payload).toMatchObject({ sub: '1000', name: 'carol', exp: Math.floor((nowMs + 60_000) / 1_000) });
});
