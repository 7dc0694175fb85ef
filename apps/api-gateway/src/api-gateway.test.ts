import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

import { Subject, apiStatusSchema } from '@otedama/contracts';

import { problemSchema } from './http/problem.ts';
import { block, miningStatus, poolSummary, stats, worker } from './testing/fixtures.ts';
import { type TestGateway, secret, startGateway } from './testing/harness.ts';

let api: TestGateway;

const get = (path: string, init?: RequestInit): Promise<Response> => fetch(`${api.url}${path}`, init);
const post = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${api.url}${path}`, { method: 'POST', headers });

/** fetch() does not let a Host header be set. */
const postWithHost = (
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    const request = httpRequest(`${api.url}${path}`, { method: 'POST', headers }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    request.on('error', reject);
    request.end();
  });

async function expectProblem(response: Response, status: number, kind: string) {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  const problem = problemSchema.parse(await response.json());
  expect(problem).toMatchObject({ status, type: `urn:otedama:problem:${kind}` });
  return problem;
}

describe('with default options', () => {
  beforeAll(async () => {
    api = await startGateway();
  });
  afterAll(() => api.stop());

  it('answers /api/status with the chain state merged into the pools', async () => {
    api.time.nowMs += 12_500;
    const response = await get('/api/status');
    expect(response.status).toBe(200);
    const status = apiStatusSchema.parse(await response.json());
    expect(status).toMatchObject({
      version: '1.2.3',
      uptimeSeconds: 12,
      mining: { state: 'mining', hashrateHs: 31_400_000 },
      unavailable: [],
    });
    expect(status.pools).toEqual([{ ...poolSummary, height: 812_345, networkDifficulty: 0.5 }]);
  });

  it('answers /api/v1/pools, /api/stats', async () => {
    await expect((await get('/api/v1/pools')).json()).resolves.toEqual([
      { ...poolSummary, height: 812_345, networkDifficulty: 0.5 },
    ]);
    await expect((await get('/api/stats?window=30m')).json()).resolves.toEqual(stats);
    expect(api.queries.asked.at(-1)).toEqual({
      subject: Subject.accountingStats,
      payload: { windowMs: 1_800_000 },
    });
  });

  it('pages workers and says whether there are more', async () => {
    const page = await (
      await get('/api/workers?limit=2&offset=5&pool=btc-pplns&address=bcrt1qexample')
    ).json();
    expect(page).toEqual({ items: [worker(1), worker(2)], limit: 2, offset: 5, more: true });
    expect(api.queries.asked.at(-1)?.payload).toEqual({
      poolId: 'btc-pplns',
      address: 'bcrt1qexample',
      limit: 3,
      offset: 5,
    });
  });

  it('pages blocks and balances', async () => {
    await expect((await get('/api/v1/blocks')).json()).resolves.toEqual({
      items: [block(102), block(101)],
      limit: 100,
      offset: 0,
      more: false,
    });
    await expect((await get('/api/v1/balances')).json()).resolves.toMatchObject({ more: false, limit: 100 });
  });

  it.each([
    ['/api/stats?window=fast', ['window']],
    ['/api/stats?window=8d', ['window']],
    ['/api/stats?window=90s', ['window']],
    ['/api/stats?window=0m', ['window']],
    ['/api/stats?window=10081m', ['window']],
    ['/api/stats?window=169h', ['window']],
    ['/api/workers?limit=0&offset=-1', ['limit', 'offset']],
    ['/api/workers?limit=1001', ['limit']],
    ['/api/workers?limit=ten', ['limit']],
    ['/api/v1/blocks?limit=1&limit=2', ['limit']],
    ['/api/v1/blocks?page=2', ['page']],
    [`/api/v1/balances?address=${'a'.repeat(256)}`, ['address']],
  ])('names every wrong parameter of %s', async (path, parameters) => {
    const problem = await expectProblem(await get(path), 400, 'invalid-request');
    expect(problem.errors?.map((error) => error.parameter)).toEqual(parameters);
  });

  it.each([
    ['1m', 60_000],
    ['9999m', 599_940_000],
    ['10080m', 604_800_000],
    ['168h', 604_800_000],
    ['7d', 604_800_000],
  ])('takes a window of %s', async (window, windowMs) => {
    expect((await get(`/api/stats?window=${window}`)).status).toBe(200);
    expect(api.queries.asked.at(-1)?.payload).toEqual({ windowMs });
  });

  it('starts and stops mining', async () => {
    const started = await post('/api/mining/start');
    expect(started.status).toBe(200);
    await expect(started.json()).resolves.toEqual(miningStatus);
    await expect((await post('/api/mining/stop')).json()).resolves.toMatchObject({ state: 'stopped' });
  });

  it('refuses a change that a page of another origin asks for', async () => {
    await expectProblem(await post('/api/mining/stop', { origin: 'http://evil.example' }), 403, 'forbidden');
    const own = await post('/api/mining/stop', { origin: api.url });
    expect(own.status).toBe(200);
  });

  it('refuses a change by a name that could be rebound, without a key', async () => {
    const { status } = await postWithHost('/api/mining/stop', { host: 'evil.example:8080' });
    expect(status).toBe(403);
    expect((await postWithHost('/api/mining/stop', { host: `localhost:${api.port}` })).status).toBe(200);
  });

  it('answers unknown paths and methods with a problem', async () => {
    for (const path of ['/nothing', '/api/nothing', '/api/docs/%2e%2e/secret']) {
      const problem = await expectProblem(await get(path), 404, 'not-found');
      expect(problem.instance).toBeDefined();
    }
    const deleted = await fetch(`${api.url}/api/v1/miners/bcrt1qexample`, { method: 'DELETE' });
    expect(deleted.headers.get('allow')).toBe('GET, HEAD');
    await expectProblem(deleted, 405, 'method-not-allowed');
    const read = await get('/api/mining/start');
    expect(read.headers.get('allow')).toBe('POST');
    await expectProblem(read, 405, 'method-not-allowed');
  });

  it('takes the longest address there is, however it is written', async () => {
    const address = '4'.repeat(106);
    expect((await get(`/api/v1/miners/${address}`)).status).toBe(200);
    const encoded = [...address].map((char) => `%${(char.codePointAt(0) ?? 0).toString(16)}`).join('');
    expect((await get(`/api/v1/miners/${encoded}`)).status).toBe(200);
  });

  it('answers bodies that it cannot take with a problem', async () => {
    const tooLarge = await fetch(`${api.url}/api/mining/start`, {
      method: 'POST',
      body: JSON.stringify({ padding: 'x'.repeat(5_000) }),
      headers: { 'content-type': 'application/json' },
    });
    expect(tooLarge.status).toBe(413);
    expect(tooLarge.headers.get('content-type')).toMatch('application/problem+json');
    const broken = await fetch(`${api.url}/api/mining/start`, {
      method: 'POST',
      body: '{',
      headers: { 'content-type': 'application/json' },
    });
    expect(broken.status).toBe(400);
    expect(broken.headers.get('content-type')).toMatch('application/problem+json');
  });

  it.each([
    ['GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 'HTTP/1.1 400'],
    ['NONSENSE\r\n\r\n', 'HTTP/1.1 400'],
    [`GET / HTTP/1.1\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`, 'HTTP/1.1 431'],
  ])('answers what is not HTTP with a problem: %#', async (bytes, statusLine) => {
    const socket = connect(api.port, '127.0.0.1');
    socket.write(bytes);
    const answer = await text(socket);
    expect(answer.startsWith(statusLine)).toBe(true);
    expect(answer.toLowerCase()).toContain('application/problem+json');
  });

  it.each([
    [
      'POST /api/mining/start HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['POST /api/mining/start HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n'],
    ['POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
  ])('refuses a request whose end can be read in two ways: %#', async (bytes) => {
    const asked = api.queries.asked.length;
    const socket = connect(api.port, '127.0.0.1');
    socket.write(bytes);
    // One answer, a refusal, and the connection ends: whatever else was sent is no second request.
    expect((await text(socket)).match(/HTTP\/1\.1 \d+/g)).toEqual([expect.stringMatching(/ 4(?:00|15)$/)]);
    expect(api.queries.asked).toHaveLength(asked);
  });

  it('sends security headers with every answer', async () => {
    for (const [path, caching] of [
      ['/api/status', 'no-cache'],
      ['/api/docs', 'no-cache'],
      ['/nothing', 'no-store'],
      ['/metrics', 'no-store'],
    ] as const) {
      const { headers } = await get(path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe(caching);
    }
  });

  it('serves health as the source renders it', async () => {
    expect((await get('/health/live')).status).toBe(200);
    expect((await get('/health/startup')).status).toBe(200);
    api.health.isReady = false;
    const response = await get('/health/ready');
    api.health.isReady = true;
    expect(response.status).toBe(503);
    await expect(response.json()).resolves.toMatchObject({
      parts: { database: { state: 'down', reason: 'gone' } },
    });
  });

  it('serves metrics, which count requests by route pattern', async () => {
    await get('/api/v1/blocks?limit=1');
    const body = await (await get('/metrics')).text();
    expect(body).toContain(
      'otedama_api_request_seconds_count{route="/api/v1/blocks",method="GET",status="2xx"}',
    );
    expect(body).not.toContain('limit=1');
    expect(body).toMatch(
      /otedama_api_query_seconds_count\{subject="query\.accounting\.blocks",outcome="done"\} [1-9]/,
    );
    expect(body).toMatch(/otedama_api_answer_cache_bytes [1-9]/);
    expect(body).toContain('otedama_api_answers_loading 0\n');
  });

  it('says plainly when the dashboard is not built', async () => {
    await expectProblem(await get('/'), 404, 'not-found');
  });
});

describe('when services are missing', () => {
  beforeEach(async () => {
    api = await startGateway();
  });
  afterEach(() => api.stop());

  it('gives the part of the status that is known and names the rest', async () => {
    api.queries.fail(Subject.accountingPools, 'QUERY_TIMEOUT');
    api.queries.fail(Subject.miningStatus, 'QUERY_UNAVAILABLE');
    const response = await get('/api/status');
    expect(response.status).toBe(200);
    expect(apiStatusSchema.parse(await response.json())).toMatchObject({
      pools: [],
      mining: { state: 'off', reason: 'No miner-agent answers.' },
      gateway: { sessions: 42 },
      unavailable: ['accounting', 'miner'],
    });
  });

  it('answers 503 for the status only when nothing can be said', async () => {
    for (const subject of [
      Subject.accountingPools,
      Subject.validatorStatus,
      Subject.gatewayStatus,
      Subject.miningStatus,
    ]) {
      api.queries.fail(subject, 'QUERY_UNAVAILABLE');
    }
    await expectProblem(await get('/api/status'), 503, 'service-unavailable');
  });

  it('gives pools without the chain when the validator is away', async () => {
    api.queries.fail(Subject.validatorStatus, 'QUERY_TIMEOUT');
    await expect((await get('/api/v1/pools')).json()).resolves.toEqual([poolSummary]);
  });

  it('tells a timeout, an absent service and a senseless answer apart', async () => {
    api.queries.fail(Subject.accountingBlocks, 'QUERY_TIMEOUT');
    const problem = await expectProblem(await get('/api/v1/blocks'), 504, 'service-timeout');
    expect(problem.detail).toBe('pool-accounting did not answer in time.');
    api.queries.fail(Subject.accountingBlocks, 'QUERY_UNAVAILABLE');
    await expectProblem(await get('/api/v1/blocks'), 503, 'service-unavailable');
    api.queries.answer(Subject.accountingBlocks, () => [{ height: 'high' }]);
    await expectProblem(await get('/api/v1/blocks'), 502, 'bad-reply');
  });

  it('keeps internal text off the wire', async () => {
    api.queries.answer(Subject.accountingBlocks, () => {
      throw new Error('password=hunter2');
    });
    const response = await get('/api/v1/blocks');
    expect(response.status).toBe(500);
    await expect(response.text()).resolves.not.toContain('hunter2');
  });
});

describe('with an API key', () => {
  beforeAll(async () => {
    api = await startGateway({
      api: { auth: { enabled: true, tokenExpiryMs: 0, apiKey: secret('correct horse') } },
    });
  });
  afterAll(() => api.stop());

  it('asks for it before a change', async () => {
    const response = await post('/api/mining/stop');
    expect(response.headers.get('www-authenticate')).toMatch('Bearer');
    await expectProblem(response, 401, 'unauthorized');
    await expectProblem(await post('/api/mining/stop', { 'x-api-key': 'wrong' }), 401, 'unauthorized');
    await expectProblem(await post('/api/mining/stop', { authorization: 'Basic abc' }), 401, 'unauthorized');
    expect(api.queries.asked).toEqual([]);
  });

  it('takes it as X-API-Key, whatever the name of the host', async () => {
    expect((await post('/api/mining/stop', { 'x-api-key': 'correct horse' })).status).toBe(200);
    const named = await postWithHost('/api/mining/stop', {
      host: 'pool.example',
      'x-api-key': 'correct horse',
    });
    expect(named.status).toBe(200);
  });

  it('leaves reading open', async () => {
    expect((await get('/api/status')).status).toBe(200);
  });

  it('still refuses pages of another origin', async () => {
    const headers = { 'x-api-key': 'correct horse', origin: 'https://evil.example' };
    await expectProblem(await post('/api/mining/stop', headers), 403, 'forbidden');
  });
});

it('takes the key as a bearer token', async () => {
  api = await startGateway({ api: { auth: { enabled: true, tokenExpiryMs: 0, apiKey: secret('k-1') } } });
  expect((await post('/api/mining/start', { authorization: 'Bearer k-1' })).status).toBe(200);
  await api.stop();
});

it('knows nobody with auth enabled, no key and no user', async () => {
  api = await startGateway({ api: { auth: { enabled: true, tokenExpiryMs: 0, apiKey: undefined } } });
  await expectProblem(await post('/api/mining/stop'), 401, 'unauthorized');
  await api.stop();
});

describe('with a rate limit', () => {
  beforeEach(async () => {
    api = await startGateway({ api: { rateLimitPerSecond: 2 } });
  });
  afterEach(() => api.stop());

  it('refuses an address that asks too often, and serves it again later', async () => {
    for (let sent = 0; sent < 20; sent += 1) expect((await get('/api/v1/pools')).status).toBe(200);
    const refused = await get('/api/v1/pools');
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('ratelimit')).toBe('"address";r=0;t=10');
    expect(refused.headers.get('ratelimit-policy')).toBe('"address";q=20;w=10');
    await expectProblem(refused, 429, 'rate-limited');
    await expectProblem(await get('/nothing'), 429, 'rate-limited');
    api.time.nowMs += 500;
    expect((await get('/api/v1/pools')).status).toBe(200);
    expect((await get('/api/v1/pools')).status).toBe(429);
    expect(await api.registry.metrics()).toContain('otedama_api_rate_limited_total 3\n');
  });

  it('never refuses a health probe', async () => {
    for (let sent = 0; sent < 30; sent += 1) expect((await get('/health/live')).status).toBe(200);
  });
});

describe('listening', () => {
  it('says in a sentence why it cannot listen', async () => {
    api = await startGateway();
    const second = startGateway({ api: { listen: { host: '127.0.0.1', port: api.port } } });
    await expect(second).rejects.toMatchObject({
      code: 'LISTEN',
      message: `The API cannot listen on 127.0.0.1:${api.port}: the address is already in use.`,
    });
    await api.stop();
  });

  it('hides what is switched off', async () => {
    api = await startGateway({
      monitoring: {
        metrics: { enabled: false, listen: undefined },
        health: { enabled: true, listen: undefined },
      },
    });
    await expectProblem(await get('/metrics'), 404, 'not-found');
    await api.stop();
  });
});
