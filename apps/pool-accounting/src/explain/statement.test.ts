import { findCoin } from '@otedama/chain-params';
import type { PoolConfig, PricesConfig } from '@otedama/config';
import { type Statement, statementSchema } from '@otedama/contracts';
import { createLedger, type Ledger } from '@otedama/ledger';
import {
  blockEvent,
  createBatch,
  createTestLog,
  hashOf,
  startTestDatabase,
  type TestDatabase,
} from '@otedama/ledger/testing';
import { createExplainQueries } from './queries.ts';

// A real database on a machine that may be busy with other things.
const NOW = 1_795_000_000_000;
const HOUR_MS = 3_600_000;
const never = new AbortController().signal;
const coin = findCoin('bitcoin', 'regtest');
const pools = [{ id: 'main', coin, mergedChains: [] } as unknown as PoolConfig];
const prices: PricesConfig = {
  currency: 'EUR',
  source: { kind: 'file', path: '/prices.csv' },
  refreshMs: HOUR_MS,
  maxAgeMs: HOUR_MS,
};
let database: TestDatabase;
let ledger: Ledger;

const statementOf = async (
  address: string,
  page = { limit: 50, offset: 0 },
  config?: PricesConfig,
): Promise<Statement> => {
  const logs = { shares: { readAt: async () => undefined } };
  const queries = createExplainQueries({ ledger, logs, clock: () => NOW + HOUR_MS }, pools, config);
  return statementSchema.parse(await queries.statement({ address, ...page }));
};

const quote = (atMs: number, price: string) => ({
  coin: 'bitcoin',
  currency: 'EUR',
  atMs,
  price,
  source: 'exchange',
});

beforeAll(async () => {
  database = await startTestDatabase();
});
beforeEach(async () => {
  await database.reset();
  ledger = createLedger(database.db);
  const terms = { scheme: 'pplns', window: { kind: 'work', networkBlocks: 2 }, feeBasisPoints: 100 } as const;
  await ledger.registerPools([{ id: 'main', coin: 'bitcoin', terms }]);
  const shares = [
    { address: 'alice', work: 30n },
    { address: 'bob', work: 10n },
  ];
  const payload = createBatch({ poolId: 'main', closedAtMs: NOW, shares });
  await ledger.bookShares(createTestLog([{ sequence: 1n, payload }]), never);
  await ledger.recordBlock({
    sequence: 1n,
    event: blockEvent(1, { foundAtMs: NOW }),
    windowTo: 1n,
    atMs: NOW,
  });
  await ledger.moveBlock({ blockId: 1n, to: 'matured', confirmations: 100, atMs: NOW + 1_000 });
});
afterAll(() => database.dispose());

it('lists every credit with its block and the shares that it is for', async () => {
  const { balances, entries, more } = await statementOf('alice');
  expect(balances).toMatchObject([
    {
      poolId: 'main',
      symbol: 'rBTC',
      decimals: 8,
      immatureAtomic: '0',
      maturedAtomic: '3712500000',
      paidAtomic: '0',
    },
  ]);
  expect(more).toBe(false);
  expect(entries).toMatchObject([
    {
      kind: 'block_matured',
      amounts: [
        { account: 'miner_immature', amountAtomic: '-3712500000' },
        { account: 'miner_matured', amountAtomic: '3712500000' },
      ],
    },
    {
      kind: 'block_credited',
      amounts: [{ account: 'miner_immature', amountAtomic: '3712500000' }],
      block: { height: 101, hash: hashOf(1), windowFrom: '1', windowTo: '1' },
    },
  ]);
  expect((await statementOf('alice', { limit: 1, offset: 1 })).entries).toMatchObject([
    { kind: 'block_credited' },
  ]);
  expect((await statementOf('nobody')).entries).toEqual([]);
});

it('converts by the price of the time, and says which and whose', async () => {
  await ledger.storePrices([quote(NOW - 1_000, '60000.00'), quote(NOW + HOUR_MS, '70000.5')], NOW);
  const { balances, entries } = await statementOf('alice', undefined, prices);
  expect(balances[0]?.valuation).toEqual({
    ok: true,
    currency: 'EUR',
    value: '2598768.56',
    price: '70000.5',
    priceAtMs: NOW + HOUR_MS,
    source: 'exchange',
  });
  expect(entries[1]?.valuation).toMatchObject({
    ok: true,
    value: '2227500.00',
    price: '60000.00',
    priceAtMs: NOW - 1_000,
  });
  // Money that only moved between accounts was worth nothing new.
  expect(entries[0]?.valuation).toBeUndefined();
});

it('leaves amounts in their own units where there is no price, or none that is fresh, with the reason', async () => {
  expect((await statementOf('alice')).balances[0]?.valuation).toMatchObject({
    ok: false,
    reason: 'no_currency',
  });
  expect((await statementOf('alice', undefined, prices)).balances[0]?.valuation).toMatchObject({
    ok: false,
    reason: 'no_price',
  });
  await ledger.storePrices([quote(NOW - 1, '60000')], NOW);
  expect((await statementOf('alice', undefined, prices)).balances[0]?.valuation).toMatchObject({
    ok: false,
    reason: 'stale_price',
    detail: expect.stringContaining(new Date(NOW - 1).toISOString()),
  });
});

it('converts nothing of a chain whose unit is not known any more', async () => {
  await ledger.recordBlock({
    sequence: 2n,
    event: blockEvent(2, { coin: 'dogecoin', foundAtMs: NOW }),
    windowTo: 1n,
    atMs: NOW,
  });
  const { balances } = await statementOf('alice', undefined, prices);
  expect(balances[1]).toMatchObject({
    coin: 'dogecoin',
    decimals: 0,
    valuation: { ok: false, reason: 'no_unit' },
  });
});

it('never changes a price that it has used', async () => {
  expect(await ledger.storePrices([quote(NOW, '1')], NOW)).toBe(1);
  expect(await ledger.storePrices([quote(NOW, '2')], NOW)).toBe(0);
  expect(await ledger.pricesAt('EUR', [{ coin: 'bitcoin', atMs: NOW }])).toEqual([quote(NOW, '1')]);
  await expect(database.pool.query("UPDATE price_quote SET price = '3'")).rejects.toThrow('append-only');
});
