import { Subject, liveFrameSchema, silentLogger } from '@otedama/contracts';

import { createPoolQueries } from '../query/pool-queries.ts';
import { createStatusReader } from '../status/status-reader.ts';
import { NOW_MS, block, createFakeQueryClient } from '../testing/fixtures.ts';
import { createLiveFeed } from './feed.ts';

const ALL = ['status', 'stats', 'workers', 'blocks', 'balances'] as const;

function setup() {
  const client = createFakeQueryClient();
  const queries = createPoolQueries(client);
  const clock = () => NOW_MS;
  const status = createStatusReader({ queries, clock, logger: silentLogger }, '1.2.3');
  return { client, feed: createLiveFeed({ queries, status, clock, logger: silentLogger }) };
}

it('makes frames that match their schema', async () => {
  const { feed } = setup();
  expect(liveFrameSchema.parse(JSON.parse(feed.frame('snapshot', ALL)))).toEqual({
    type: 'snapshot',
    atMs: NOW_MS,
  });
  await expect(feed.refresh(ALL)).resolves.toEqual(ALL);
  const frame = liveFrameSchema.strict().parse(JSON.parse(feed.frame('snapshot', ALL)));
  expect(frame).toMatchObject({ status: { unavailable: [] }, blocks: [{ height: 102 }, { height: 101 }] });
});

it('reports only the sections that changed', async () => {
  const { client, feed } = setup();
  await feed.refresh(ALL);
  await expect(feed.refresh(ALL)).resolves.toEqual([]);
  client.answer(Subject.accountingBlocks, () => [block(103)]);
  await expect(feed.refresh(ALL)).resolves.toEqual(['blocks']);
});

it('keeps the last value of a section whose service is silent, and says so in the status', async () => {
  const { client, feed } = setup();
  await feed.refresh(ALL);
  client.fail(Subject.accountingBlocks, 'QUERY_TIMEOUT');
  client.fail(Subject.accountingPools, 'QUERY_TIMEOUT');
  await expect(feed.refresh(['status', 'blocks'])).resolves.toEqual(['status']);
  const frame = JSON.parse(feed.frame('update', ['status', 'blocks'])) as unknown;
  expect(frame).toMatchObject({ status: { unavailable: ['accounting'] }, blocks: [{ height: 102 }, {}] });
});
