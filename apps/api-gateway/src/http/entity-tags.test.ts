import { miningStatus } from '../testing/fixtures.ts';
import { Subject } from '@otedama/contracts';

import { type TestGateway, startGateway } from '../testing/harness.ts';
import { isAmong, tagOf } from './entity-tags.ts';

let api: TestGateway;
beforeEach(async () => {
  api = await startGateway();
});
afterEach(() => api.stop());

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${api.url}${path}`, { headers });

it('answers 304 without a body for as long as nothing changed', async () => {
  const first = await get('/api/v1/pools');
  const tag = first.headers.get('etag') ?? '';
  expect(tag).toMatch(/^W\/"[\w-]{20,}"$/);
  expect(first.headers.get('cache-control')).toBe('no-cache');
  const again = await get('/api/v1/pools', { 'if-none-match': `"other", ${tag}` });
  expect(again.status).toBe(304);
  expect(again.headers.get('etag')).toBe(tag);
  expect(again.headers.get('content-type')).toBeNull();
  await expect(again.text()).resolves.toBe('');

  api.queries.answer(Subject.accountingPools, () => []);
  const changed = await get('/api/v1/pools', { 'if-none-match': tag });
  expect(changed.status).toBe(200);
  expect(changed.headers.get('etag')).not.toBe(tag);
});

it('gives HEAD the tag of GET, and no body', async () => {
  const tag = (await get('/api/v1/pools')).headers.get('etag') ?? '';
  const head = await fetch(`${api.url}/api/v1/pools`, { method: 'HEAD', headers: { 'if-none-match': tag } });
  expect(head.status).toBe(200);
  expect(head.headers.get('etag')).toBe(tag);
  await expect(head.text()).resolves.toBe('');
});

it('gives a problem no tag, nor the answer to a change', async () => {
  const problem = await get('/api/v1/blocks?limit=0');
  expect(problem.headers.get('etag')).toBeNull();
  expect(problem.headers.get('cache-control')).toBe('no-store');
  const change = await fetch(`${api.url}/api/mining/start`, { method: 'POST' });
  await expect(change.json()).resolves.toEqual(miningStatus);
  expect(change.headers.get('etag')).toBeNull();
  expect(change.headers.get('cache-control')).toBe('no-store');
});

it.each([
  ['*', true],
  ['W/"a"', true],
  ['"a"', true],
  ['"b",W/"a"', true],
  ['"b"', false],
  ['a', false],
  [undefined, false],
])('compares weakly: %s', (header, expected) => {
  expect(isAmong(header, 'W/"a"')).toBe(expected);
});

it('tells bodies apart', () => {
  expect(tagOf('a')).not.toBe(tagOf('b'));
  expect(tagOf('a')).toBe(tagOf('a'));
});
