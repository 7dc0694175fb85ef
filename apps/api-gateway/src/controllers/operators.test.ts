/** What operators ask and decide through the API. */
import { Subject } from '@otedama/contracts';

import { auditEntry, payoutBatch } from '../testing/fixtures.ts';
import { type TestGateway, secret, startGateway } from '../testing/harness.ts';

let api: TestGateway;

beforeAll(async () => {
  api = await startGateway({
    api: { auth: { enabled: true, tokenExpiryMs: 3_600_000, apiKey: secret('k-1') } },
  });
});
beforeEach(() => void api.queries.asked.splice(0));
afterAll(() => api.stop());

const KEY = { authorization: 'Bearer k-1' };

const send = (method: string, path: string, body?: object, headers: object = KEY): Promise<Response> =>
  fetch(api.url + path, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const lastAsked = (subject: Subject): unknown =>
  api.queries.asked.findLast((asked) => asked.subject === subject)?.payload;

it.each([
  ['GET', '/api/v1/audit'],
  ['GET', '/api/v1/payouts'],
  ['GET', '/api/v1/payouts/plan'],
  ['POST', '/api/v1/payouts/12/approve'],
  ['POST', '/api/v1/payouts/12/retry'],
  ['POST', '/api/v1/payouts/12/cancel'],
])('%s %s is for whoever is known', async (method, path) => {
  expect((await send(method, path, undefined, {})).status).toBe(401);
});

it('looks up the audit log by who, what and when', async () => {
  const path = '/api/v1/audit?actor=alice&action=payout&from=1&to=2&limit=10&offset=20';
  const response = await send('GET', path);
  expect(response.status).toBe(200);
  await expect(response.json()).resolves.toEqual({ items: [auditEntry], limit: 10, offset: 20, more: false });
  expect(lastAsked(Subject.auditEntries)).toEqual({
    actor: 'alice',
    action: 'payout',
    fromMs: 1,
    toMs: 2,
    limit: 11,
    offset: 20,
  });
  expect((await send('GET', '/api/v1/audit?limit=101')).status).toBe(400);
});

it('shows payouts, all or those that may still change', async () => {
  const response = await send('GET', '/api/v1/payouts?open=true&pool=main&limit=5');
  await expect(response.json()).resolves.toMatchObject({ items: [payoutBatch] });
  expect(lastAsked(Subject.payoutBatches)).toEqual({ poolId: 'main', isOpen: true, limit: 6, offset: 0 });
  const plan = await send('GET', '/api/v1/payouts/plan?pool=main');
  await expect(plan.json()).resolves.toEqual([{ poolId: 'main', coin: 'bitcoin', plan: null }]);
});

it.each(['approve', 'retry', 'cancel'])(
  'passes on a decision to %s with who made it and why',
  async (word) => {
    const response = await send('POST', `/api/v1/payouts/12/${word}`, { reason: 'looked into it' });
    expect(response.status).toBe(200);
    await expect(response.json()).resolves.toEqual(payoutBatch);
    expect(lastAsked(Subject.payoutDecide)).toMatchObject({
      id: '12',
      decision: word,
      reason: 'looked into it',
      actor: { kind: 'key' },
      address: '127.0.0.1',
    });
  },
);

it('wants a reason for what gives money back, and none for the rest', async () => {
  expect((await send('POST', '/api/v1/payouts/12/cancel')).status).toBe(400);
  expect((await send('POST', '/api/v1/payouts/12/cancel', { reason: ' ' })).status).toBe(400);
  expect(lastAsked(Subject.payoutDecide)).toBeUndefined();
  expect((await send('POST', '/api/v1/payouts/12/approve')).status).toBe(200);
  expect((await send('POST', "/api/v1/payouts/12'--/approve")).status).toBe(400);
});

it.each([
  ['not-found', 404],
  ['conflict', 409],
])('answers a decision that is refused as %s with %s', async (code, status) => {
  api.queries.answer(Subject.payoutDecide, () => ({ ok: false, code, reason: 'batch 12 is confirmed' }));
  const response = await send('POST', '/api/v1/payouts/12/approve');
  expect(response.status).toBe(status);
  await expect(response.json()).resolves.toMatchObject({
    type: `urn:otedama:problem:${code}`,
    detail: 'batch 12 is confirmed',
  });
});
