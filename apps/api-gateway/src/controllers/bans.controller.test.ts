/** Who is kept out of the ports for miners, as operators see it and have it. */
import { BansAwayError, MemoryBans } from '@otedama/shared-state';

import { NOW_MS } from '../testing/fixtures.ts';
import { type TestGateway, secret, startGateway } from '../testing/harness.ts';

const time = { nowMs: NOW_MS };
const bans = new MemoryBans(
  { clock: () => time.nowMs, monotonicMs: () => time.nowMs },
  { maxImposed: 100, maxOrdered: 3 },
);
/** BIP173's example key, on regtest. */
const ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
const AUTH = { api: { auth: { enabled: true, tokenExpiryMs: 3_600_000, apiKey: secret('k-1') } } };
const KEY = { authorization: 'Bearer k-1' };

let api: TestGateway;
beforeAll(async () => {
  api = await startGateway({ ...AUTH, bans });
});
beforeEach(async () => {
  api.audit.events.splice(0);
  for (const { subject } of bans.list()) await bans.remove(subject);
});
afterAll(() => api.stop());

const send = (method: string, path = '', body?: object, headers: object = KEY): Promise<Response> =>
  fetch(`${api.url}/api/v1/bans${path}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

it.each(['GET', 'POST', 'DELETE'])('%s is for whoever is known', async (method) => {
  const path = method === 'DELETE' ? '/MTkyLjAuMi43' : '';
  expect((await send(method, path, undefined, {})).status).toBe(401);
});

it('keeps out a range from then on until a time, and writes down who said so first', async () => {
  const untilMs = NOW_MS + 60_000;
  const response = await send('POST', '', { network: '2001:DB8::/32', note: 'a flood', untilMs });
  expect(response.status).toBe(201);
  const shown = { kind: 'network', network: '2001:db8::/32', reason: 'operator', note: 'a flood', untilMs };
  await expect(response.json()).resolves.toMatchObject(shown);
  expect(bans.find('2001:db8:1::1')).toMatchObject({ reason: 'operator', untilMs });
  expect(api.audit.events).toMatchObject([
    { action: 'ban.add', target: '2001:db8::/32', outcome: 'done', details: { note: 'a flood', untilMs } },
  ]);
});

it('keeps out an account of a pool, and lifts any ban by its id', async () => {
  const account = { pool: 'btc-pplns', account: ADDRESS };
  const shouted = { ...account, account: ADDRESS.toUpperCase() };
  await expect((await send('POST', '', shouted)).json()).resolves.toMatchObject({
    kind: 'account',
    ...account,
  });
  const network = '192.0.2.7';
  const miner = { kind: 'miner', network, poolId: 'main', account: 'bc1qother', worker: 'rig/1' } as const;
  bans.impose({ subject: miner, reason: 'invalid-shares', note: '', by: 'gateway-1', forMs: 60_000 });
  const { items } = (await (await send('GET')).json()) as { items: { id: string; kind: string }[] };
  expect(items).toMatchObject([
    { kind: 'account', ...account },
    { kind: 'miner', network, pool: 'main', account: 'bc1qother', worker: 'rig/1', by: 'gateway-1' },
  ]);
  for (const { id, kind } of items) {
    await expect((await send('DELETE', `/${id}`)).json()).resolves.toMatchObject({ id, kind });
    expect((await send('DELETE', `/${id}`)).status).toBe(404);
  }
  expect(bans.list()).toEqual([]);
  expect(api.audit.events.map(({ action }) => action)).toEqual(['ban.add', 'ban.remove', 'ban.remove']);
});

it('lists by reason, in pages', async () => {
  await send('POST', '', { network: '10.0.0.0/8' });
  for (const last of [1, 2, 3]) {
    const subject = { kind: 'network', network: `192.0.2.${last}` } as const;
    bans.impose({ subject, reason: 'invalid-shares', note: '', by: 'gateway-1', forMs: 60_000 });
  }
  await expect((await send('GET', '?reason=invalid-shares&limit=2')).json()).resolves.toMatchObject({
    items: [{ network: '192.0.2.3' }, { network: '192.0.2.2' }],
    more: true,
  });
  await expect((await send('GET', '?reason=operator')).json()).resolves.toMatchObject({
    items: [{ network: '10.0.0.0/8' }],
    more: false,
  });
});

it.each([
  [{}],
  [{ network: '192.0.2.7', account: 'a', pool: 'main' }],
  [{ network: '192.0.2.1/24' }],
  [{ network: 'example.org' }],
  [{ network: '0.0.0.0/0' }],
  [{ network: '::/0' }],
  [{ network: '192.0.2.7', untilMs: NOW_MS }],
  [{ account: ADDRESS }],
  [{ pool: 'mian', account: ADDRESS }],
  [{ pool: 'btc-pplns', account: 'bc1qminer' }],
])('does not take %j', async (body) => {
  expect((await send('POST', '', body)).status).toBe(400);
  expect([bans.list(), api.audit.events]).toEqual([[], []]);
});

it('takes no more than there is room for', async () => {
  for (const first of [10, 11, 12]) await send('POST', '', { network: `${first}.0.0.0/8` });
  expect((await send('POST', '', { network: '13.0.0.0/8' })).status).toBe(409);
  expect(api.audit.events.at(-1)).toMatchObject({ action: 'ban.add', outcome: 'failed' });
});

it('changes nothing that cannot be written down, or that the fleet cannot be told', async () => {
  api.audit.isAway = true;
  expect((await send('POST', '', { network: '192.0.2.7' })).status).toBe(503);
  api.audit.isAway = false;
  const add = import.meta.jest.spyOn(bans, 'add').mockRejectedValue(new BansAwayError('away'));
  expect((await send('POST', '', { network: '192.0.2.7' })).status).toBe(503);
  add.mockRestore();
  expect(bans.list()).toEqual([]);
});

it('says that gateways share no bans where they do not', async () => {
  const alone = await startGateway({ ...AUTH, bans: null });
  const response = await fetch(`${alone.url}/api/v1/bans`, { headers: KEY });
  expect(response.status).toBe(503);
  await alone.stop();
});
