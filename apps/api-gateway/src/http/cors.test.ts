import { type TestGateway, startGateway } from '../testing/harness.ts';

const FRONT_END = 'https://pool.example.com';
const ALLOWED = 'access-control-allow-origin';

let api: TestGateway;
afterEach(() => api.stop());

const ask = (method: string, path: string, headers: Record<string, string>): Promise<Response> =>
  fetch(`${api.url}${path}`, { method, headers });

describe('pages of an origin that is let in', () => {
  beforeEach(async () => {
    api = await startGateway({ api: { corsOrigins: [FRONT_END] } });
  });

  it('may read, those of others may not', async () => {
    const own = await ask('GET', '/api/pools', { origin: FRONT_END });
    expect([own.status, own.headers.get(ALLOWED), own.headers.get('vary')]).toEqual([
      200,
      FRONT_END,
      'origin',
    ]);
    for (const origin of ['https://evil.example', 'http://pool.example.com', `${FRONT_END}:8443`, 'null']) {
      const other = await ask('GET', '/api/pools', { origin });
      expect([other.headers.get(ALLOWED), other.headers.get('vary')]).toEqual([null, 'origin']);
    }
  });

  it('may do nothing else, neither with a key nor with a cookie', async () => {
    const change = await ask('POST', '/api/mining/start', { origin: FRONT_END });
    expect([change.status, change.headers.get(ALLOWED)]).toEqual([403, null]);
    const before = await ask('OPTIONS', '/api/v1/settings', {
      origin: FRONT_END,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    });
    expect(before.headers.get(ALLOWED)).toBeNull();
    expect(
      (await ask('GET', '/api/pools', { origin: FRONT_END })).headers.get('access-control-allow-credentials'),
    ).toBeNull();
  });
});

it('lets no page of another origin in by itself', async () => {
  api = await startGateway();
  const reply = await ask('GET', '/api/pools', { origin: FRONT_END });
  expect([reply.status, reply.headers.get(ALLOWED), reply.headers.get('vary')]).toEqual([200, null, null]);
});
