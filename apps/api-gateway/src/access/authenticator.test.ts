import { request as httpRequest } from 'node:http';

import { digestOf, formatApiKey } from '@otedama/access';
import { COMMAND_AUDIENCE, DEVICE_AUDIENCE, Subject } from '@otedama/contracts';
import { parsePrefix } from '@otedama/edge';
import fc from 'fast-check';
import { SignJWT, UnsecuredJWT } from 'jose';

import { type TestAccess, makeSigner, playAccess, signToken } from '../testing/access.ts';
import { type TestGateway, secret, startGateway } from '../testing/harness.ts';

let api: TestGateway;

type Headers = Readonly<Record<string, string>>;

/** fetch() does not let Host and Origin be set. */
const stop = (headers: Headers = {}): Promise<number> =>
  new Promise((resolve, reject) => {
    const request = httpRequest(`${api.url}/api/mining/stop`, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
    request.end();
  });

const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });

describe('a pool without users', () => {
  beforeEach(async () => {
    api = await startGateway();
  });
  afterEach(() => api.stop());

  it('takes whoever reaches it by an address, and through no proxy', async () => {
    expect(await stop()).toBe(200);
    expect(await stop({ host: 'pool.example' })).toBe(403);
    for (const name of ['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via']) {
      expect(await stop({ [name]: '127.0.0.1' })).toBe(403);
    }
  });

  it('takes nobody so as soon as there is a user, nor while it cannot tell', async () => {
    api.queries.fail(Subject.accessState, 'QUERY_UNAVAILABLE');
    expect(await stop()).toBe(503);
    api.queries.answer(Subject.accessState, () => ({ hasUsers: false, keys: [] }));
    expect(await stop()).toBe(200);
    api.queries.answer(Subject.accessState, () => ({ hasUsers: true, keys: [] }));
    api.time.nowMs += 1_001;
    expect(await stop()).toBe(401);
    api.queries.fail(Subject.accessState, 'QUERY_UNAVAILABLE');
    api.time.nowMs += 3_600_000;
    expect(await stop()).toBe(401);
  });
});

describe('tokens', () => {
  let access: TestAccess;
  beforeEach(async () => {
    api = await startGateway();
    access = await playAccess(api, 'operator');
  });
  afterEach(() => api.stop());

  it('are good while their session lives, with the role that it has now', async () => {
    const token = await access.token();
    expect(await stop(bearer(token))).toBe(200);
    access.user.role = 'viewer';
    api.time.nowMs += 2_001;
    expect(await stop(bearer(token))).toBe(403);
    access.user.role = 'admin';
    api.time.nowMs += 2_001;
    expect(await stop(bearer(token))).toBe(200);
    access.user.isOut = true;
    api.time.nowMs += 2_001;
    expect(await stop(bearer(token))).toBe(401);
  });

  it('end with their time', async () => {
    const token = await access.token();
    api.time.nowMs += 600_000;
    expect(await stop(bearer(token))).toBe(401);
    expect(api.audit.events).toEqual([]);
  });

  it('are of our issuer, for this purpose, and signed by a key that is published', async () => {
    const { signer, sessionId: sid } = access;
    const expiresAtMs = api.time.nowMs + 60_000;
    const stranger = await makeSigner(signer.kid);
    const wrong = [
      await signToken(stranger, { sid, expiresAtMs }),
      await signToken(await makeSigner(), { sid, expiresAtMs }),
      await signToken(signer, { sid, expiresAtMs, iss: 'someone' }),
      await signToken(signer, { sid, expiresAtMs, aud: DEVICE_AUDIENCE }),
      await signToken(signer, { expiresAtMs }),
      await signToken(signer, { sid: 'not a session', expiresAtMs }),
      await signToken(signer, { sid, name: 'root', expiresAtMs, aud: DEVICE_AUDIENCE }),
      await signToken(signer, { aud: COMMAND_AUDIENCE, expiresAtMs }),
      await signToken(stranger, { aud: COMMAND_AUDIENCE, name: 'root', expiresAtMs }),
      new UnsecuredJWT({ sid }).setSubject('7').setIssuer('otedama').setAudience('otedama-api').encode(),
      await new SignJWT({ sid })
        .setProtectedHeader({ alg: 'HS256', kid: signer.kid })
        .setSubject('7')
        .setIssuer('otedama')
        .setAudience('otedama-api')
        .setExpirationTime(Math.floor(expiresAtMs / 1_000))
        .sign(new TextEncoder().encode(signer.publicKey.x)),
      `${await access.token()}${'A'.repeat(2_000)}`,
    ];
    for (const token of wrong) expect(await stop(bearer(token))).toBe(401);
    expect(await stop(bearer(await access.token()))).toBe(200);
  });

  it('of a command are of the user of the system who runs it, may what operators may, and make no cookie', async () => {
    const expiresAtMs = api.time.nowMs + 60_000;
    const token = await signToken(access.signer, {
      sub: '1000',
      name: 'carol',
      aud: COMMAND_AUDIENCE,
      expiresAtMs,
    });
    expect(await stop(bearer(token))).toBe(200);
    expect(api.audit.events.at(-1)?.actor).toEqual({ kind: 'os', id: '1000', name: 'carol' });
    const users = await fetch(`${api.url}/api/v1/users`, { headers: bearer(token) });
    expect(users.status).toBe(403);
    expect(api.audit.events.at(-1)).toMatchObject({
      action: 'access.request',
      outcome: 'refused',
      actor: { kind: 'os', name: 'carol' },
      target: 'GET /api/v1/users',
      address: '127.0.0.1',
      details: { role: 'operator', needed: 'admin' },
    });
    const ours = { 'sec-fetch-site': 'same-origin' };
    expect(await stop({ ...ours, cookie: `otedama_access=${token}` })).toBe(401);
    api.time.nowMs += 60_000;
    expect(await stop(bearer(token))).toBe(401);
  });

  it('are refused however they are tampered with, and never fail the API', async () => {
    const token = await access.token();
    const at = fc.integer({ min: 0, max: token.length - 1 });
    const character = fc.constantFrom(...'ABCwxyz0189-_.~{');
    await fc.assert(
      fc.asyncProperty(at, character, async (index, other) => {
        fc.pre(token[index] !== other);
        // The last character of a signature of 64 bytes has four bits that mean nothing.
        fc.pre(index !== token.length - 1);
        expect(await stop(bearer(token.slice(0, index) + other + token.slice(index + 1)))).toBe(401);
      }),
      { numRuns: 60 },
    );
  });

  it('of unknown keys do not make the API ask for each', async () => {
    await stop(bearer(await access.token()));
    const asked = (): number =>
      api.queries.asked.filter(({ subject }) => subject === Subject.accessState).length;
    const before = asked();
    const expiresAtMs = api.time.nowMs + 60_000;
    for (let made = 0; made < 5; made += 1) {
      expect(await stop(bearer(await signToken(await makeSigner(), { expiresAtMs })))).toBe(401);
    }
    expect(asked() - before).toBeLessThanOrEqual(1);
  });
});

describe('a cookie', () => {
  let access: TestAccess;
  beforeEach(async () => {
    api = await startGateway();
    access = await playAccess(api, 'operator');
  });
  afterEach(() => api.stop());

  it('vouches for a change only where the browser says that our page sent it', async () => {
    const cookie = `otedama_access=${await access.token()}`;
    const host = `127.0.0.1:${api.port}`;
    expect(await stop({ cookie })).toBe(403);
    expect(await stop({ cookie, origin: 'https://evil.example' })).toBe(403);
    expect(await stop({ cookie, origin: 'null' })).toBe(403);
    expect(await stop({ cookie, 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await stop({ cookie, 'sec-fetch-site': 'same-site' })).toBe(403);
    expect(await stop({ cookie, 'sec-fetch-site': 'none' })).toBe(403);
    expect(await stop({ cookie, 'sec-fetch-site': 'same-origin' })).toBe(200);
    expect(await stop({ cookie, origin: `http://${host}` })).toBe(200);
  });

  it('is not taken where it comes twice, nor under the name that TLS binds', async () => {
    const token = await access.token();
    const ours = { 'sec-fetch-site': 'same-origin' };
    expect(await stop({ ...ours, cookie: `otedama_access=planted; otedama_access=${token}` })).toBe(401);
    expect(await stop({ ...ours, cookie: `__Host-otedama_access=${token}` })).toBe(401);
    expect(await stop({ ...ours, cookie: `x=1; otedama_access=${token}; y=2` })).toBe(200);
  });
});

describe('keys', () => {
  const key = formatApiKey(Buffer.alloc(32, 1));
  beforeEach(async () => {
    api = await startGateway({
      api: { auth: { enabled: false, tokenExpiryMs: 0, apiKey: secret('the configured key') } },
    });
    api.queries.answer(Subject.accessIdentify, (request) =>
      (request as { digestHex: string }).digestHex === digestOf(key).toString('hex')
        ? { identity: { kind: 'key', id: '3', name: 'ci', role: 'operator' } }
        : {},
    );
  });
  afterEach(() => api.stop());

  it('are asked of accounting by their digest, and the answer is kept for a moment', async () => {
    const headers = { 'x-api-key': key };
    expect([await stop(headers), await stop(headers), await stop(bearer(key))]).toEqual([200, 200, 200]);
    const asked = api.queries.asked.filter(({ subject }) => subject === Subject.accessIdentify);
    expect(asked).toHaveLength(1);
    expect(JSON.stringify(asked)).not.toContain(key);
    expect(api.audit.events.at(-1)?.actor).toEqual({ kind: 'key', id: '3', name: 'ci' });
  });

  it('that are none are refused, and after some of them the address', async () => {
    const guess = (byte: number): Headers => ({ 'x-api-key': formatApiKey(Buffer.alloc(32, byte)) });
    for (let tried = 0; tried < 20; tried += 1) expect(await stop(guess(2 + tried))).toBe(401);
    expect(await stop(guess(99))).toBe(429);
    const refused = { action: 'key.use', outcome: 'refused', address: '127.0.0.1' };
    expect(api.audit.events).toHaveLength(20);
    expect(api.audit.events[0]).toMatchObject({
      ...refused,
      actor: { kind: 'key', id: '', name: 'otedama_key_AgICAgIC' },
    });
    expect(JSON.stringify(api.audit.events)).not.toContain(guess(2)['x-api-key']);
    expect(await stop({ 'x-api-key': 'another key' })).toBe(401);
    expect(api.audit.events.at(-1)).toMatchObject({ ...refused, actor: { name: 'unknown' } });
    expect(await stop({ 'x-api-key': 'the configured key' })).toBe(200);
    api.time.nowMs += 5_000;
    expect(await stop({ 'x-api-key': key })).toBe(200);
  });

  it('of the configuration work while accounting is away', async () => {
    api.queries.fail(Subject.accessIdentify, 'QUERY_UNAVAILABLE');
    api.queries.fail(Subject.accessState, 'QUERY_UNAVAILABLE');
    expect(await stop({ 'x-api-key': 'the configured key' })).toBe(200);
    expect(await stop({ 'x-api-key': key })).toBe(503);
    expect(await stop({ 'x-api-key': 'another key' })).toBe(401);
  });
});

describe('a proxy', () => {
  const loopback = parsePrefix('127.0.0.0/8');
  const address = async (headers: Headers): Promise<string | undefined> => {
    await stop({ 'x-api-key': 'k-1', ...headers });
    return api.audit.events.at(-1)?.address;
  };
  const auth = { enabled: true, tokenExpiryMs: 0, apiKey: secret('k-1') };
  afterEach(() => api.stop());

  it('is believed where it is trusted: the last address that it did not add itself', async () => {
    if (loopback === undefined) throw new Error('no range');
    api = await startGateway({ api: { auth, trustedProxies: [loopback] } });
    expect(await address({})).toBe('127.0.0.1');
    expect(await address({ 'x-forwarded-for': '203.0.113.9' })).toBe('203.0.113.9');
    expect(await address({ 'x-forwarded-for': '198.51.100.1, 203.0.113.9, 127.0.0.2' })).toBe('203.0.113.9');
    expect(await address({ 'x-forwarded-host': 'pool.example', origin: 'https://pool.example' })).toBe(
      '127.0.0.1',
    );
  });

  it('is not believed otherwise', async () => {
    api = await startGateway({ api: { auth } });
    expect(await address({ 'x-forwarded-for': '203.0.113.9' })).toBe('127.0.0.1');
    const headers = {
      'x-api-key': 'k-1',
      'x-forwarded-host': 'evil.example',
      origin: 'https://evil.example',
    };
    expect(await stop(headers)).toBe(403);
  });
});

it('counts requests by key as well as by address', async () => {
  const auth = { enabled: true, tokenExpiryMs: 0, apiKey: secret('k-1') };
  const loopback = parsePrefix('127.0.0.1');
  if (loopback === undefined) throw new Error('no range');
  api = await startGateway({ api: { auth, rateLimitPerSecond: 2, trustedProxies: [loopback] } });
  const from = (last: number): Promise<number> =>
    stop({ 'x-api-key': 'k-1', 'x-forwarded-for': `203.0.113.${last}` });
  for (let sent = 0; sent < 20; sent += 1) expect(await from(sent)).toBe(200);
  expect(await from(21)).toBe(429);
  await api.stop();
});
