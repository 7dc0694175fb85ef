import { Subject, settlementSchema } from '@otedama/contracts';

import { loggedShare, receipt, settlement, shareProof, statement } from '../testing/fixtures.ts';
import { type TestGateway, startGateway } from '../testing/harness.ts';

let api: TestGateway;
const get = (path: string): Promise<Response> => fetch(`${api.url}/api/v1/${path}`);
const sheet = `blocks/bitcoin/${settlement.hash}/settlement`;

beforeEach(async () => {
  api = await startGateway();
});
afterEach(() => api.stop());

it('gives the sheet of a block, a page of its miners or the line of one', async () => {
  const response = await get(`${sheet}?limit=7&offset=3&address=bcrt1qexample`);
  expect(settlementSchema.parse(await response.json())).toEqual(settlement);
  expect(api.queries.asked.at(-1)).toEqual({
    subject: Subject.accountingSettlement,
    payload: { coin: 'bitcoin', hash: settlement.hash, address: 'bcrt1qexample', limit: 7, offset: 3 },
  });
});

it('says so when no such block was booked', async () => {
  api.queries.answer(Subject.accountingSettlement, () => []);
  const response = await get(sheet);
  expect(response.status).toBe(404);
  await expect(response.json()).resolves.toMatchObject({ detail: 'No such block was booked.' });
});

it.each(['blocks/bitcoin/xyz/settlement', `${sheet}?limit=0`, `${sheet}?what=ever`])(
  'refuses %s',
  async (path) => {
    expect((await get(path)).status).toBe(400);
    expect(api.queries.asked).toEqual([]);
  },
);

it('pages the receipts of a pool', async () => {
  const response = await get('pools/btc-pplns/receipts?limit=1');
  await expect(response.json()).resolves.toEqual({ items: [receipt], limit: 1, offset: 0, more: true });
  expect(api.queries.asked.at(-1)?.payload).toEqual({ poolId: 'btc-pplns', limit: 2, offset: 0 });
});

it('finds the shares of a miner, and gives the proof of one', async () => {
  const shares = await get('pools/btc-pplns/shares?address=bcrt1qexample&at=1795000000000&worker=rig1');
  await expect(shares.json()).resolves.toEqual([loggedShare]);
  expect(api.queries.asked.at(-1)?.payload).toEqual({
    poolId: 'btc-pplns',
    address: 'bcrt1qexample',
    worker: 'rig1',
    atMs: 1_795_000_000_000,
    limit: 100,
  });
  await get('pools/btc-pplns/shares?address=bcrt1qexample');
  expect(api.queries.asked.at(-1)?.payload).toMatchObject({ atMs: api.time.nowMs });
  const proof = await get('pools/btc-pplns/shares/12/3/receipt');
  await expect(proof.json()).resolves.toEqual(shareProof);
  expect(api.queries.asked.at(-1)?.payload).toEqual({ poolId: 'btc-pplns', sequence: '12', index: 3 });
});

it.each([
  ['no-such-share', 'has it no more'],
  ['no-receipt', 'not closed yet'],
  ['contradiction', 'something else'],
])('says why there is no proof: %s', async (reason, words) => {
  api.queries.answer(Subject.accountingShareProof, () => ({ ok: false, reason }));
  const response = await get('pools/btc-pplns/shares/12/3/receipt');
  expect(response.status).toBe(404);
  await expect(response.json()).resolves.toMatchObject({ detail: expect.stringContaining(words) });
});

it.each([
  'pools/btc-pplns/shares?address=a&address=b',
  'pools/btc-pplns/shares?address=a&pool=btc-pplns',
  'pools/btc-pplns/shares?at=1',
  'pools/btc-pplns/shares/-1/3/receipt',
  'pools/btc-pplns/shares/1/x/receipt',
])('refuses %s', async (path) => {
  expect((await get(path)).status).toBe(400);
});

it('gives the statement of an address', async () => {
  const response = await get('miners/bcrt1qexample/statement?limit=5');
  await expect(response.json()).resolves.toEqual(statement);
  expect(api.queries.asked.at(-1)?.payload).toEqual({ address: 'bcrt1qexample', limit: 5, offset: 0 });
});
