import { Subject } from '@otedama/contracts';

import { type TestGateway, startGateway } from '../testing/harness.ts';
import { stats } from '../testing/fixtures.ts';

let api: TestGateway;
beforeEach(async () => {
  api = await startGateway();
});
afterEach(() => api.stop());

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${api.url}${path}`, { headers });

const asked = (): number =>
  api.queries.asked.filter(({ subject }) => subject === Subject.accountingStats).length;

it('asks once for everybody, however the same is spelled', async () => {
  const replies = await Promise.all(
    ['/api/stats', '/api/stats?window=1h', '/api/stats?window=60m'].map((path) => get(path)),
  );
  for (const reply of replies) {
    expect(reply.headers.get('content-type')).toBe('application/json; charset=utf-8');
    await expect(reply.json()).resolves.toEqual(stats);
  }
  expect(asked()).toBe(1);
  await get('/api/stats?window=2h');
  expect(asked()).toBe(2);
});

it('keeps nothing of a request that is not valid', async () => {
  for (let i = 0; i < 3; i++) expect((await get(`/api/stats?window=1h&stranger=${i}`)).status).toBe(400);
  expect(asked()).toBe(0);
});

it('tells who has it already, and everybody what a block has changed', async () => {
  const tag = (await get('/api/stats')).headers.get('etag') ?? '';
  api.queries.answer(Subject.accountingStats, () => ({ ...stats, pools: [] }));
  const again = await get('/api/stats', { 'if-none-match': tag });
  expect([again.status, again.headers.get('etag'), asked()]).toEqual([304, tag, 1]);
  api.wake();
  const changed = await get('/api/stats', { 'if-none-match': tag });
  expect(changed.status).toBe(200);
  await expect(changed.json()).resolves.toEqual({ ...stats, pools: [] });
});

it('says so when there is no answer, and asks again for the next', async () => {
  api.queries.fail(Subject.accountingStats, 'QUERY_UNAVAILABLE');
  expect((await get('/api/stats')).status).toBe(503);
  api.queries.answer(Subject.accountingStats, () => stats);
  expect((await get('/api/stats')).status).toBe(200);
});
