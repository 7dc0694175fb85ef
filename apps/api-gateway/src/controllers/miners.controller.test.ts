import { Subject } from '@otedama/contracts';

import { type TestGateway, startGateway } from '../testing/harness.ts';

let api: TestGateway;

beforeEach(async () => {
  api = await startGateway();
});
afterEach(() => api.stop());

const post = (body: unknown): Promise<Response> =>
  fetch(`${api.url}/api/v1/miners/bcrt1qexample/payout-settings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const BODY = { message: 'Otedama payout settings', signature: 'c2ln' };

it('hands on what a miner has signed, under the address of the path', async () => {
  const response = await post(BODY);
  expect(response.status).toBe(200);
  await expect(response.json()).resolves.toMatchObject({ ok: true, minimumAtomic: '5000000' });
  expect(api.queries.asked.at(-1)).toEqual({
    subject: Subject.accountingPayoutWish,
    payload: { kind: 'signed', address: 'bcrt1qexample', ...BODY },
  });
});

it('says why a wish is not taken', async () => {
  api.queries.answer(Subject.accountingPayoutWish, () => ({ ok: false, reason: 'the time is long ago' }));
  const response = await post(BODY);
  expect(response.status).toBe(409);
  await expect(response.json()).resolves.toMatchObject({ detail: 'the time is long ago' });
});

it.each([[{}], [{ ...BODY, minimum: 1 }], [{ ...BODY, message: 'x'.repeat(601) }]])(
  'refuses %j without asking anybody',
  async (body) => {
    expect((await post(body)).status).toBe(400);
    expect(api.queries.asked).toEqual([]);
  },
);
