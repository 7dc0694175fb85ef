import { Subject, settlementSchema } from '@otedama/contracts';

import { settlement } from '../testing/fixtures.ts';
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
