import { Subject } from '@otedama/contracts';

import { miningStatus } from '../testing/fixtures.ts';
import { type TestGateway, startGateway } from '../testing/harness.ts';

let api: TestGateway;

beforeEach(async () => {
  api = await startGateway();
});
afterEach(() => api.stop());

const start = (): Promise<Response> => fetch(`${api.url}/api/mining/start`, { method: 'POST' });

const isAsked = (): boolean => api.queries.asked.some(({ subject }) => subject === Subject.miningStart);

it('writes a change down before it is made: who, what and from where', async () => {
  api.queries.answer(Subject.miningStart, () => {
    expect(api.audit.events).toHaveLength(1);
    return miningStatus;
  });
  await start();
  expect(isAsked()).toBe(true);
  expect(api.audit.events).toMatchObject([
    {
      actor: { kind: 'local' },
      action: 'mining.start',
      outcome: 'done',
      address: '127.0.0.1',
      atMs: api.time.nowMs,
      details: {},
    },
  ]);
});

it('makes no change that cannot be written down', async () => {
  api.audit.isAway = true;
  const response = await start();
  expect(response.status).toBe(503);
  await expect(response.json()).resolves.toMatchObject({ type: 'urn:otedama:problem:not-recorded' });
  expect(isAsked()).toBe(false);
});

it('tells of a change that failed after it was written down', async () => {
  api.queries.fail(Subject.miningStart, 'QUERY_UNAVAILABLE');
  expect((await start()).status).toBe(503);
  const [first, second] = api.audit.events;
  expect(first).toMatchObject({ outcome: 'done' });
  expect(second).toMatchObject({
    action: 'mining.start',
    outcome: 'failed',
    details: { of: first?.id, reason: 'A service is not there' },
  });
});

it('writes nothing of a change that was refused to whoever asked', async () => {
  const response = await fetch(`${api.url}/api/mining/start`, {
    method: 'POST',
    headers: { origin: 'http://evil.example' },
  });
  expect(response.status).toBe(403);
  expect(api.audit.events).toEqual([]);
});
