import { readFileSync } from 'node:fs';

import { Subject } from '@otedama/contracts';

import { miner, poolSummary } from '../testing/fixtures.ts';
import { type TestGateway, startGateway } from '../testing/harness.ts';

/** By path, what the pool of the fixtures answers; worked out by hand. */
const { answers, fields } = JSON.parse(
  readFileSync(new URL('../../../../test/vectors/miningcore.json', import.meta.url), 'utf8'),
) as { answers: Record<string, unknown>; fields: Record<string, readonly string[]> };

const POOL = '/api/pools/btc-pplns';
const MINER = `${POOL}/miners/bcrt1qexample`;

let api: TestGateway;
beforeEach(async () => {
  api = await startGateway();
});
afterEach(() => api.stop());

const text = async (path: string): Promise<string> => (await fetch(api.url + path)).text();
const json = async (path: string): Promise<unknown> => JSON.parse(await text(path));
const lastAsked = (subject: Subject): unknown =>
  api.queries.asked.findLast((question) => question.subject === subject)?.payload;

it.each(Object.entries(answers))('answers %s as Miningcore does', async (path, expected) => {
  await expect(json(path)).resolves.toEqual(expected);
});

/** Every field name below, with its way there. */
const namesIn = (value: unknown, way = ''): string[] => {
  if (Array.isArray(value)) return value.flatMap((each) => namesIn(each, `${way}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, child]) => [
    `${way}.${name}`,
    ...namesIn(child, `${way}.${name}`),
  ]);
};

it.each(Object.entries(fields))(
  'has every field of %s that a front end can count on',
  async (path, names) => {
    const given = new Set(namesIn(await json(path)));
    expect(names.filter((name) => !given.has(name))).toEqual([]);
  },
);

it('writes amounts with all their digits', async () => {
  const [balance] = miner.balances;
  const wei = { ...balance, coin: 'bitcoin', maturedAtomic: '1234567890123456789', payingAtomic: '26' };
  api.queries.answer(Subject.accountingMiner, () => [{ ...miner, balances: [wei] }]);
  expect(await text(MINER)).toContain('"pendingBalance":12345678901.2345679,');
});

it('answers zeros for who has never mined, and 404 for what is not there', async () => {
  api.queries.answer(Subject.accountingMiner, () => []);
  api.queries.answer(Subject.accountingWorkers, () => []);
  api.queries.answer(Subject.accountingMinerHistory, () => []);
  api.queries.answer(Subject.accountingMinerFacts, () => ({
    roundWork: '0',
    paidTodayAtomic: '0',
    inTransitAtomic: '0',
    blocksImmature: 0,
    blocksMatured: 0,
  }));
  await expect(json(MINER)).resolves.toEqual({
    pendingShares: 0,
    pendingBalance: 0,
    totalPaid: 0,
    todayPaid: 0,
    minerEffort: 0,
    performanceSamples: [],
    totalConfirmedBlocks: 0,
    totalPendingBlocks: 0,
  });
  for (const path of [
    `${MINER}/settings`,
    '/api/pools/none',
    '/api/pools/none/miners/somebody',
    '/api/v2/pools/none/blocks',
  ]) {
    expect((await fetch(api.url + path)).status).toBe(404);
  }
});

it('shows a threshold that the miner has set', async () => {
  const [balance] = miner.balances;
  const wished = { ...balance, payoutMinimumAtomic: '5000000', payoutMinimumBy: 'signature' };
  api.queries.answer(Subject.accountingMiner, () => [{ ...miner, balances: [wished] }]);
  await expect(json(`${MINER}/settings`)).resolves.toEqual({ paymentThreshold: 0.05 });
});

it('takes parameters as front ends spell them, and ignores their own', async () => {
  await json(`${POOL}/miners?page=2&pagesize=20&_=1700000000`);
  expect(lastAsked(Subject.accountingMiners)).toMatchObject({ limit: 20, offset: 40 });
  await json(`${POOL}/blocks?page=1&pageSize=100&state=Confirmed&state=1`);
  expect(lastAsked(Subject.accountingFound)).toMatchObject({
    limit: 100,
    offset: 100,
    states: ['matured', 'immature'],
  });
  await json(`${MINER}/performance?mode=Hour`);
  expect(lastAsked(Subject.accountingMinerHistory)).toMatchObject({ windowMs: 3_600_000, stepMs: 180_000 });
  await json(`${POOL}/performance?r=Month&i=Day`);
  expect(lastAsked(Subject.accountingPoolHistory)).toMatchObject({ stepMs: 86_400_000 });
});

it('leads nobody deeper than entries are counted, and refuses what is no page', async () => {
  await json(`${POOL}/payments?page=9999&pageSize=1000`);
  expect(lastAsked(Subject.accountingPaid)).toMatchObject({ offset: 10_000 });
  for (const query of ['page=-1', 'pageSize=0', 'pageSize=1001', 'page=x', 'state=9']) {
    expect((await fetch(`${api.url}${POOL}/blocks?${query}`)).status).toBe(400);
  }
});

it('asks once for what is spelled differently, whatever a stranger adds', async () => {
  for (let i = 0; i < 5; i++) await json(`${MINER}?perfmode=${i % 2 === 0 ? 'Day' : '1'}&stranger=${i}`);
  expect(api.queries.asked.filter(({ subject }) => subject === Subject.accountingMinerFacts)).toHaveLength(1);
});

it('finds a miner by any spelling of the address', async () => {
  const [lower, canonical] = [
    '0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed',
    '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  ];
  const summary = { ...poolSummary, coin: 'ethereum-classic', network: 'mainnet', algorithm: 'etchash' };
  api.queries.answer(Subject.accountingPools, () => [summary]);
  for (const way of [
    '',
    '/payments',
    '/balancechanges',
    '/earnings/daily',
    '/blocks',
    '/performance',
    '/settings',
  ]) {
    await text(`${POOL}/miners/${lower}${way}`);
  }
  const asked = [
    Subject.accountingMinerFacts,
    Subject.accountingMinerHistory,
    Subject.accountingMiner,
    Subject.accountingPaid,
    Subject.accountingPaidDays,
    Subject.accountingBalanceChanges,
  ].map((subject) => (lastAsked(subject) as { address: string }).address);
  const { finder } = lastAsked(Subject.accountingFound) as { finder: string };
  expect(new Set([...asked, finder])).toEqual(new Set([canonical]));
});

it('says that it is there, and what there is', async () => {
  expect(await text('/api/health-check')).toBe('👍');
  const routes = (await text('/api/help')).trimEnd().split('\n');
  expect(routes).toContain('GET   -> api/pools/<poolId>/miners/<address>/earnings/daily');
  expect(routes).toContain('GET   -> api/v2/pools/<poolId>/payments');
});
