import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCoin } from '@otedama/chain-params';
import type { PoolConfig, PricesConfig } from '@otedama/config';
import { silentLogger } from '@otedama/contracts';
import type { PriceQuote } from '@otedama/ledger';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import { createAccountingMetrics } from '../metrics.ts';
import { createPriceKeeper, type PriceKeeper } from './keeper.ts';
import { parsePriceAnswer, parsePriceFile } from './parse.ts';
import { valueOf } from './value.ts';

const NOW = 1_795_000_000_000;

describe('a value', () => {
  it.each([
    [150_000_000n, 8, '61234.5', '91851.75'],
    [1n, 8, '61234.5', '0.00'],
    [-150_000_000n, 8, '0.01', '-0.01'],
    [123_456_789_012_345_678n, 18, '2500', '308.64'],
    [10n ** 30n, 18, '0.000000000000000001', '0.00'],
    [7n, 0, '3', '21.00'],
  ])('of %d at %d decimals and a price of %s is %s', (amount, decimals, price, value) => {
    expect(valueOf(amount, decimals, price)).toBe(value);
  });

  it('never exceeds the exact one, and lacks less than a cent of it', () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 10n ** 30n),
        fc.integer({ min: 0, max: 18 }),
        fc.bigInt(0n, 10n ** 12n),
        fc.integer({ min: 0, max: 18 }),
        (amount, decimals, digits, places) => {
          const text = digits.toString().padStart(places + 1, '0');
          const split = text.length - places;
          const price = places === 0 ? text : `${text.slice(0, split)}.${text.slice(split)}`;
          const cents = BigInt(valueOf(amount, decimals, price).replace('.', ''));
          const unit = 10n ** BigInt(decimals + places);
          const exact = amount * digits * 100n;
          expect(cents * unit <= exact && exact < (cents + 1n) * unit).toBe(true);
        },
      ),
    );
  });
});

describe('a file of prices', () => {
  const quote = { coin: 'bitcoin', currency: 'EUR', atMs: 1_767_225_600_000, price: '61234.50', source: 's' };

  it('is read as CSV, columns in any order, and as JSON', () => {
    const csv = 'price,currency,coin,time\r\n61234.50,eur,bitcoin,2026-01-01T00:00:00Z\r\n\r\n';
    expect(parsePriceFile(csv, 's')).toEqual([quote]);
    const json = '[{"time":1767225600,"coin":"bitcoin","currency":"EUR","price":61234.50}]';
    expect(parsePriceFile(json, 's')).toEqual([quote]);
  });

  it.each([
    ['', 'must name the columns'],
    ['time,coin,price\n1,bitcoin,2', 'must name the columns'],
    ['time,coin,currency,price\n2026-01-01,bitcoin,EUR,-5', 'line 2'],
    ['time,coin,currency,price\n2026-01-01,bitcoin,EUR,1e5', 'line 2'],
    ['time,coin,currency,price\nsoon,bitcoin,EUR,5', 'not a time'],
    ['[1', 'not JSON'],
    ['[{"time":1,"coin":"bitcoin","currency":"EUR"}]', 'price 1'],
  ])('is refused as %j', (text, words) => {
    expect(() => parsePriceFile(text, 's')).toThrow(words);
  });
});

it('reads an answer by its paths, numbers as they are written', () => {
  const answer = '{"data":[{"price":0.12345678901234567890123,"at":1795000000}]}';
  const paths = { pricePath: 'data.0.price', timePath: 'data.0.at' };
  // More decimals than a price may have are not rounded away.
  expect(() => parsePriceAnswer(answer, paths, NOW)).toThrow('data.0.price');
  const exact = answer.replace('0.12345678901234567890123', '0.123456789012345678');
  expect(parsePriceAnswer(exact, paths, 5)).toEqual({ price: '0.123456789012345678', atMs: NOW });
  expect(() => parsePriceAnswer('{"data":null}', paths, NOW)).toThrow('data.0.price');
  expect(() =>
    parsePriceAnswer('{"__proto__":{"price":"1"}}', { pricePath: 'toString', timePath: undefined }, 1),
  ).toThrow();
});

describe('the keeper', () => {
  const coins = [findCoin('litecoin', 'mainnet'), findCoin('dogecoin', 'mainnet')];
  const pools = coins.map((coin) => ({ coin, mergedChains: [] }) as unknown as PoolConfig);
  let registry: Registry;
  let stored: PriceQuote[];
  let keeper: PriceKeeper | undefined;
  let server: Server | undefined;
  let dir: string;

  const create = (source: PricesConfig['source']): PriceKeeper => {
    const storePrices = async (quotes: readonly PriceQuote[]) => stored.push(...quotes);
    const metrics = createAccountingMetrics(registry);
    const deps = { ledger: { storePrices }, clock: () => NOW, logger: silentLogger, metrics };
    keeper = createPriceKeeper(deps, { source, currency: 'EUR', refreshMs: 5, maxAgeMs: 1_000 }, pools);
    return keeper;
  };

  beforeEach(() => {
    stored = [];
    registry = new Registry();
    dir = mkdtempSync(join(tmpdir(), 'otedama-prices-'));
  });
  afterEach(async () => {
    await keeper?.stop();
    server?.close();
    server = undefined;
    rmSync(dir, { recursive: true, force: true });
  });

  const serve = async (answer: (url: string) => { status: number; body: string }): Promise<string> => {
    server = createServer((request, response) => {
      const { status, body } = answer(request.url ?? '');
      response.writeHead(status).end(body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  it('asks for each coin by its id, and stores who said what', async () => {
    const asked: string[] = [];
    const url = await serve((path) => {
      asked.push(path);
      return { status: 200, body: '{"price":"80.5"}' };
    });
    const source = {
      kind: 'http',
      url: `${url}/{coin}/{symbol}?in={currency}`,
      pricePath: 'price',
      timePath: undefined,
    } as const;
    await create(source).refresh();
    expect(asked.sort()).toEqual(['/dogecoin/DOGE?in=EUR', '/litecoin/LTC?in=EUR']);
    expect(stored).toContainEqual({
      coin: 'litecoin',
      currency: 'EUR',
      price: '80.5',
      atMs: NOW,
      source: new URL(url).host,
    });
  });

  it('keeps the price of one coin when the source does not know another', async () => {
    const url = await serve((path) =>
      path.includes('litecoin') ? { status: 200, body: '{"price":80}' } : { status: 404, body: 'no' },
    );
    await create({ kind: 'http', url: `${url}/{coin}`, pricePath: 'price', timePath: undefined }).refresh();
    expect(stored.map(({ coin }) => coin)).toEqual(['litecoin']);
  });

  it('says when nothing could be had, and goes on asking', async () => {
    let isUp = false;
    const url = await serve(() => (isUp ? { status: 200, body: '{"price":80}' } : { status: 503, body: '' }));
    const created = create({ kind: 'http', url: `${url}/{coin}`, pricePath: 'price', timePath: undefined });
    await expect(created.refresh()).rejects.toThrow('503');
    created.start();
    isUp = true;
    while (stored.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(stored[0]?.price).toBe('80');
  });

  it('counts the times that nothing could be had', async () => {
    create({ kind: 'file', path: join(dir, 'none.csv') }).start();
    while (!/price_failures_total [1-9]/.test(await registry.metrics()))
      await new Promise((resolve) => setImmediate(resolve));
  });

  it('reads a file again, and the configured currency of it', async () => {
    const path = join(dir, 'prices.csv');
    writeFileSync(path, 'time,coin,currency,price\n2026-01-01,litecoin,EUR,80\n2026-01-01,litecoin,USD,90\n');
    const created = create({ kind: 'file', path });
    await created.refresh();
    expect(stored).toEqual([expect.objectContaining({ price: '80', source: `file ${path}` })]);
    rmSync(path);
    await expect(created.refresh()).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
