import { Subject } from '@otedama/contracts';

import {
  block,
  endpoint,
  hashrate,
  miner,
  minerSummary,
  miningStatus,
  payment,
  poolSummary,
  round,
  worker,
} from '../testing/fixtures.ts';
import { type TestGateway, secret, startGateway } from '../testing/harness.ts';

let api: TestGateway;

beforeEach(async () => {
  api = await startGateway();
});
afterEach(() => api.stop());

const get = (path: string): Promise<Response> => fetch(`${api.url}/api/v1/${path}`);
const body = async (path: string): Promise<unknown> => (await get(path)).json();
const asked = (): unknown => api.queries.asked.at(-1)?.payload;

describe('a pool', () => {
  it('has its totals, its terms and where its miners connect', async () => {
    await expect(body('pools/btc-pplns')).resolves.toEqual({
      ...poolSummary,
      height: 812_345,
      networkDifficulty: 0.5,
      endpoints: [endpoint],
    });
    expect((await get('pools/other')).status).toBe(404);
  });

  it('is shown without gateways and validators as well', async () => {
    api.queries.fail(Subject.gatewayStatus, 'QUERY_UNAVAILABLE');
    api.queries.fail(Subject.validatorStatus, 'QUERY_TIMEOUT');
    await expect(body('pools/btc-pplns')).resolves.toEqual({ ...poolSummary, endpoints: [] });
  });

  it('has a round under way, worth as much as the network asks for now', async () => {
    await expect(body('pools/btc-pplns/round')).resolves.toEqual({
      poolId: 'btc-pplns',
      coin: 'bitcoin',
      work: '1024',
      networkWork: '2048',
      effort: 0.5,
    });
    api.queries.fail(Subject.validatorStatus, 'QUERY_TIMEOUT');
    await expect(body('pools/btc-pplns/round')).resolves.not.toHaveProperty('effort');
    api.queries.answer(Subject.accountingRound, () => []);
    expect((await get('pools/other/round')).status).toBe(404);
  });

  it('has a hash rate over time', async () => {
    await expect(body('pools/btc-pplns/hashrate?window=7d&step=1h')).resolves.toEqual(hashrate);
    expect(asked()).toEqual({ poolId: 'btc-pplns', windowMs: 604_800_000, stepMs: 3_600_000 });
  });
});

describe('miners', () => {
  it('come page by page', async () => {
    await expect(body('miners?pool=btc-pplns&sort=lastShare&limit=1')).resolves.toEqual({
      items: [minerSummary],
      limit: 1,
      offset: 0,
      more: false,
    });
    expect(asked()).toEqual({ poolId: 'btc-pplns', sort: 'lastShare', limit: 2, offset: 0 });
  });

  it('are each a page of their own, or are not there', async () => {
    await expect(body('miners/bcrt1qexample')).resolves.toEqual(miner);
    api.queries.answer(Subject.accountingMiner, () => []);
    expect((await get('miners/nobody')).status).toBe(404);
  });

  it('have workers and a hash rate', async () => {
    await expect(body('miners/bcrt1qexample/workers')).resolves.toMatchObject({
      items: [worker(1), worker(2), worker(3)],
    });
    expect(asked()).toMatchObject({ address: 'bcrt1qexample' });
    await expect(body('miners/bcrt1qexample/hashrate?pool=btc-pplns&worker=rig1')).resolves.toEqual(hashrate);
    expect(asked()).toMatchObject({ address: 'bcrt1qexample', worker: 'rig1', windowMs: 3_600_000 });
  });
});

it('finds a block, or says that there is none', async () => {
  await expect(body(`blocks/bitcoin/${block(102).hash}`)).resolves.toEqual(block(102));
  expect(asked()).toEqual({ coin: 'bitcoin', hash: block(102).hash, limit: 1, offset: 0 });
  await body('blocks?state=orphaned&finder=bcrt1qexample&coin=bitcoin');
  expect(asked()).toMatchObject({ state: 'orphaned', finder: 'bcrt1qexample', coin: 'bitcoin' });
  api.queries.answer(Subject.accountingBlocks, () => []);
  expect((await get(`blocks/bitcoin/${'00'.repeat(32)}`)).status).toBe(404);
});

it('lists rounds', async () => {
  await expect(body('rounds?pool=btc-pplns&coin=bitcoin')).resolves.toMatchObject({ items: [round] });
});

it('lists payments, each page with where the next one begins', async () => {
  await expect(body('payments?limit=2&address=bcrt1qexample')).resolves.toEqual({
    items: [payment(3), payment(2)],
    limit: 2,
    next: payment(2).cursor,
  });
  await expect(body(`payments?limit=3&after=${payment(4).cursor}`)).resolves.not.toHaveProperty('next');
  expect(asked()).toEqual({ limit: 4, after: payment(4).cursor });
});

describe('agents', () => {
  it('are all that answer, by name', async () => {
    await expect(body('agents')).resolves.toEqual([{ ...miningStatus, instance: 'local' }]);
    await expect(body('agents/local')).resolves.toMatchObject({ devices: miningStatus.devices });
    expect((await get('agents/rig-7')).status).toBe(404);
  });

  it('may be none', async () => {
    api.queries.fail(Subject.miningStatus, 'QUERY_UNAVAILABLE');
    await expect(body('agents')).resolves.toEqual([]);
    api.queries.fail(Subject.miningStatus, 'QUERY_FAILED');
    expect((await get('agents')).status).toBe(502);
  });
});

it('says what is configured, and that no other pool is there', async () => {
  const settings = await get('settings');
  await expect(settings.json()).resolves.toEqual({ app: { name: 'otedama' } });
  expect(settings.headers.get('cache-control')).toBe('no-store');
  await expect(body('federation')).resolves.toMatchObject({ state: 'absent', peers: [] });
});

it('asks for who it is before it shows what is not public', async () => {
  const closed = await startGateway({
    api: { auth: { enabled: true, tokenExpiryMs: 0, apiKey: secret('correct horse') } },
  });
  for (const path of ['settings', 'agents', 'agents/local', 'federation']) {
    expect((await fetch(`${closed.url}/api/v1/${path}`)).status).toBe(401);
  }
  expect((await fetch(`${closed.url}/api/v1/miners`)).status).toBe(200);
  await closed.stop();
});

it.each([
  'pools?x=1',
  'pools/btc-pplns?pool=btc-pplns',
  'miners?sort=luck',
  'miners/a/hashrate',
  'miners?limit=1e2',
  'miners?offset=',
  'miners/a%00b',
  'payments?after=1',
  'blocks?state=lost',
  'blocks/bitcoin/nothex',
  'settings?x=1',
])('refuses %s', async (path) => {
  const response = await get(path);
  expect(response.status).toBe(400);
  await expect(response.json()).resolves.toMatchObject({ errors: [expect.anything()] });
});
