import { Subject } from '@otedama/contracts';
import { parsePrefix } from '@otedama/edge';

import { PASSWORD, type TestAccess, playAccess } from '../testing/access.ts';
import { type TestGateway, startGateway } from '../testing/harness.ts';

let api: TestGateway;
let access: TestAccess;

type Headers = Readonly<Record<string, string>>;

const send = (method: string, path: string, body?: unknown, headers: Headers = {}): Promise<Response> =>
  fetch(`${api.url}/api/v1/${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const login = (over: object = {}, headers: Headers = {}): Promise<Response> =>
  send('POST', 'session', { name: 'ann', password: PASSWORD, ...over }, headers);
const bearer = async (): Promise<Headers> => ({ authorization: `Bearer ${await access.token()}` });

/** Name to the whole line. */
const cookiesOf = (response: Response): Record<string, string> =>
  Object.fromEntries(response.headers.getSetCookie().map((line) => [line.split('=', 1)[0] ?? '', line]));
const asHeader = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ');

beforeEach(async () => {
  const loopback = parsePrefix('127.0.0.1');
  api = await startGateway({ api: { trustedProxies: loopback === undefined ? [] : [loopback] } });
  access = await playAccess(api, 'admin');
});
afterEach(() => api.stop());

describe('logging in', () => {
  it('gives tokens to a program, and no cookie', async () => {
    const response = await login();
    expect(response.status).toBe(200);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(response.headers.get('cache-control')).toBe('no-store');
    await expect(response.json()).resolves.toMatchObject({
      user: { name: 'ann', role: 'admin' },
      accessToken: expect.any(String),
      refreshToken: expect.any(String),
    });
  });

  it('gives cookies to a browser that no script can read, and no token', async () => {
    const response = await login({ as: 'cookie' });
    expect(await response.json()).toEqual({
      user: { id: '7', name: 'ann', role: 'admin' },
      accessExpiresAtMs: expect.any(Number),
      refreshExpiresAtMs: expect.any(Number),
    });
    const cookies = cookiesOf(response);
    expect(Object.keys(cookies)).toEqual(['otedama_access', 'otedama_refresh', 'otedama_device']);
    for (const line of Object.values(cookies)) {
      expect(line).toMatch(/; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/);
    }
    expect(cookies['otedama_access']).toContain('Max-Age=600;');
  });

  it('binds the cookies to this host over TLS', async () => {
    const response = await login({ as: 'cookie' }, { 'x-forwarded-proto': 'https' });
    const cookies = cookiesOf(response);
    expect(Object.keys(cookies)).toContain('__Host-otedama_refresh');
    for (const line of Object.values(cookies)) expect(line).toMatch(/; Path=\/;.*; Secure$/);
  });

  it('says and does the same for whatever was wrong, and writes it down', async () => {
    const answers = await Promise.all(
      [{ name: 'nobody' }, { password: 'something else 1' }].map(async (over) => {
        const response = await login(over);
        return { status: response.status, body: await response.json() };
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).toMatchObject({ status: 401, body: { type: 'urn:otedama:problem:unauthorized' } });
    expect(api.audit.events).toMatchObject([
      { action: 'session.start', outcome: 'refused', address: '127.0.0.1', details: { reason: 'denied' } },
      { action: 'session.start', outcome: 'refused' },
    ]);
    expect(JSON.stringify(api.audit.events)).not.toContain('something else 1');
  });

  it('answers 503 and logs nobody in while a failure cannot be written down', async () => {
    api.audit.isAway = true;
    expect((await login({ password: 'something else 1' })).status).toBe(503);
  });

  it('asks for what is missing', async () => {
    api.queries.answer(Subject.accessLogin, () => ({ ok: false, reason: 'code-needed' }));
    const code = await login();
    expect([code.status, await code.json()]).toMatchObject([
      401,
      { type: 'urn:otedama:problem:code-needed' },
    ]);
    api.queries.answer(Subject.accessLogin, () => ({ ok: false, reason: 'new-password-needed' }));
    const password = await login();
    expect([password.status, await password.json()]).toMatchObject([
      403,
      { type: 'urn:otedama:problem:new-password-needed' },
    ]);
    api.queries.answer(Subject.accessLogin, () => ({ ok: false, reason: 'busy' }));
    const busy = await login();
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '2']);
    expect(api.audit.events.map(({ details }) => details['reason'])).toEqual(['busy']);
  });

  it('ends the session that the browser had before', async () => {
    const cookie = asHeader(await login({ as: 'cookie' }));
    await login({ as: 'cookie' }, { cookie });
    expect(api.queries.asked.at(-1)).toMatchObject({
      subject: Subject.accessLogout,
      payload: { token: expect.stringMatching(/^otedama_refresh_/) },
    });
  });

  it('is refused to a page of another origin', async () => {
    expect((await login({}, { origin: 'https://evil.example' })).status).toBe(403);
  });

  it.each([
    [{ name: '' }],
    [{ name: 'ann\u0000' }],
    [{ password: '' }],
    [{ password: 'x'.repeat(513) }],
    [{ role: 'admin' }],
    [{ as: 'x' }],
  ])('refuses %j without asking anybody', async (over) => {
    expect((await login(over)).status).toBe(400);
    expect(api.queries.asked).toEqual([]);
  });
});

describe('trying many passwords', () => {
  const from = (address: string, over: object = {}, headers: Headers = {}): Promise<Response> =>
    login({ password: 'a guess of many', ...over }, { 'x-forwarded-for': address, ...headers });

  it('uses up the budget of an address, whatever the names', async () => {
    for (let tried = 0; tried < 20; tried += 1) {
      expect((await from('203.0.113.9', { name: `user${tried}` })).status).toBe(401);
    }
    const refused = await from('203.0.113.9', { name: 'user99' });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await from('203.0.113.10')).status).toBe(401);
    api.time.nowMs += 30_000;
    expect((await from('203.0.113.9')).status).toBe(401);
    expect((await login()).status).toBe(200);
    const text = await api.registry.metrics();
    for (const [outcome, times] of Object.entries({ refused: 22, limited: 1, done: 1 })) {
      expect(text).toContain(`otedama_api_logins_total{outcome="${outcome}"} ${times}\n`);
    }
  });

  it('does not keep the owner out on a device that has logged in before', async () => {
    const device = asHeader(await login({ as: 'cookie' }));
    for (let tried = 0; tried < 30; tried += 1) await from(`198.51.100.${tried}`);
    expect((await from('198.51.100.99')).status).toBe(429);
    for (let tried = 0; tried < 20; tried += 1) await from('198.51.100.1');
    expect((await from('198.51.100.1', { name: 'bob' })).status).toBe(429);
    // From an address of his own, and even from behind the one that guesses.
    expect((await login({}, { cookie: device, 'x-forwarded-for': '203.0.113.1' })).status).toBe(200);
    expect((await login({}, { cookie: device, 'x-forwarded-for': '198.51.100.1' })).status).toBe(200);
    const asked = api.queries.asked.filter(({ subject }) => subject === Subject.accessLogin);
    expect(asked.at(-1)?.payload).toMatchObject({ isKnownDevice: true });
    expect(asked.at(5)?.payload).toMatchObject({ isKnownDevice: false });
  });

  it('gains nothing by the device of another account', async () => {
    const device = asHeader(await login({ as: 'cookie' }));
    await login({ name: 'bob' }, { cookie: device });
    expect(api.queries.asked.at(-1)?.payload).toMatchObject({ name: 'bob', isKnownDevice: false });
  });

  it('says no more of an account that is tried than of any other', async () => {
    for (let tried = 0; tried < 31; tried += 1) await from(`198.51.100.${tried}`, { name: 'nobody' });
    const [somebody, nobody] = [await from('203.0.113.7'), await from('203.0.113.8', { name: 'nobody' })];
    expect([somebody.status, nobody.status]).toEqual([401, 429]);
    for (let tried = 0; tried < 31; tried += 1) await from(`192.0.2.${tried}`);
    expect(await (await from('203.0.113.9')).json()).toEqual(await nobody.json());
  });
});

describe('a session', () => {
  it('is refreshed by the token in the body, or by the cookie with the word of the browser', async () => {
    const body = await send('POST', 'session/refresh', { refreshToken: 'otedama_refresh_x' });
    await expect(body.json()).resolves.toHaveProperty('accessToken');
    const cookie = asHeader(await login({ as: 'cookie' }));
    expect((await send('POST', 'session/refresh', {}, { cookie })).status).toBe(403);
    const renewed = await send('POST', 'session/refresh', {}, { cookie, 'sec-fetch-site': 'same-origin' });
    expect(renewed.status).toBe(200);
    expect(Object.keys(cookiesOf(renewed))).toContain('otedama_refresh');
    expect((await send('POST', 'session/refresh', {})).status).toBe(401);
  });

  it('that is over takes its cookies with it', async () => {
    const cookie = asHeader(await login({ as: 'cookie' }));
    api.queries.answer(Subject.accessRefresh, () => ({ ok: false, reason: 'reused' }));
    const refused = await send('POST', 'session/refresh', {}, { cookie, 'sec-fetch-site': 'same-origin' });
    expect(refused.status).toBe(401);
    expect(cookiesOf(refused)['otedama_access']).toContain('Max-Age=0;');
  });

  it('ends at once, here', async () => {
    const cookie = asHeader(await login({ as: 'cookie' }));
    const headers = { cookie, 'sec-fetch-site': 'same-origin' };
    await expect((await send('GET', 'session', undefined, headers)).json()).resolves.toMatchObject({
      identity: { name: 'ann' },
    });
    const gone = await send('DELETE', 'session', undefined, headers);
    await expect(gone.json()).resolves.toEqual({ ended: true });
    expect(Object.keys(cookiesOf(gone))).toEqual(['otedama_access', 'otedama_refresh']);
    await expect((await send('GET', 'session', undefined, headers)).json()).resolves.toEqual({
      canLogIn: true,
    });
    expect((await send('GET', 'users', undefined, headers)).status).toBe(401);
  });

  it('ends by its access token as well', async () => {
    await expect((await send('DELETE', 'session', undefined, await bearer())).json()).resolves.toEqual({
      ended: true,
    });
    expect(api.queries.asked.at(-1)).toMatchObject({ payload: { sessionId: access.sessionId } });
  });

  it('cannot be ended by a page of another site', async () => {
    const cookie = asHeader(await login({ as: 'cookie' }));
    expect((await send('DELETE', 'session', undefined, { cookie })).status).toBe(403);
    expect(
      (await send('DELETE', 'session', undefined, { cookie, origin: 'https://evil.example' })).status,
    ).toBe(403);
    expect(access.user.isOut).toBe(false);
  });

  it('may guess its own password ten times', async () => {
    const headers = await bearer();
    const guess = () => send('POST', 'session/totp', { password: 'a guess of many' }, headers);
    for (let tried = 0; tried < 10; tried += 1) expect((await guess()).status).toBe(401);
    expect((await guess()).status).toBe(429);
  });
});

describe('who is asked', () => {
  it('is told to anybody, without a problem', async () => {
    const who = async (headers: Headers = {}): Promise<unknown> =>
      (await send('GET', 'session', undefined, headers)).json();
    expect(await who()).toEqual({ canLogIn: true });
    expect(await who({ authorization: 'Bearer nonsense' })).toEqual({ canLogIn: true });
    expect(await who(await bearer())).toEqual({
      identity: { kind: 'user', name: 'ann', role: 'admin' },
      canLogIn: true,
    });
    const bare = await startGateway();
    await expect((await fetch(`${bare.url}/api/v1/session`)).json()).resolves.toEqual({
      identity: { kind: 'local', name: 'local', role: 'operator' },
      canLogIn: false,
    });
    await bare.stop();
  });
});

describe('users, keys and sessions', () => {
  it('are the admins alone', async () => {
    access.user.role = 'operator';
    const headers = await bearer();
    for (const [method, path, body] of [
      ['GET', 'users'],
      ['POST', 'users', { name: 'bob', role: 'admin' }],
      ['PATCH', 'users/ann', { role: 'admin' }],
      ['POST', 'users/ann/reset', { totp: true }],
      ['POST', 'users/ann/end-sessions', {}],
      ['GET', 'keys'],
      ['POST', 'keys', { name: 'mine', role: 'admin' }],
      ['DELETE', 'keys/1'],
      ['DELETE', `sessions/${access.sessionId}`],
    ] as const) {
      expect((await send(method, path, body, headers)).status).toBe(403);
    }
    expect(api.queries.asked.filter(({ subject }) => subject === Subject.accessManage)).toEqual([]);
  });

  it('are changed in the name of whoever asks', async () => {
    api.queries.answer(Subject.accessManage, () => ({ ok: true, secret: 'once', id: '4' }));
    const made = await send('POST', 'keys', { name: 'ci', role: 'viewer', expiresInDays: 1 }, await bearer());
    expect(made.status).toBe(201);
    await expect(made.json()).resolves.toEqual({ ok: true, secret: 'once', id: '4' });
    expect(api.queries.asked.at(-1)?.payload).toEqual({
      by: { actor: { kind: 'user', id: '7', name: 'ann' }, address: '127.0.0.1' },
      action: { kind: 'add-key', name: 'ci', role: 'viewer', expiresAtMs: api.time.nowMs + 86_400_000 },
    });
  });

  it('shows to those who are no admins their own sessions', async () => {
    await send('GET', 'sessions', undefined, await bearer());
    expect(api.queries.asked.at(-1)?.payload).toEqual({});
    access.user.role = 'viewer';
    api.time.nowMs += 2_001;
    await send('GET', 'sessions', undefined, await bearer());
    expect(api.queries.asked.at(-1)?.payload).toEqual({ userId: '7' });
  });

  it.each([
    ['last-admin', 409],
    ['exists', 409],
    ['unknown', 404],
  ])('tells %s as %d', async (reason, status) => {
    api.queries.answer(Subject.accessManage, () => ({ ok: false, reason }));
    expect((await send('PATCH', 'users/bob', { isDisabled: true }, await bearer())).status).toBe(status);
  });
});
