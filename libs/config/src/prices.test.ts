import { loadConfig } from './load.ts';

const load = (prices: string) => {
  const files = { read: () => ({ ok: true, text: `prices: ${prices}\n` }) as const };
  return loadConfig({ file: '/etc/pool.yaml', env: {}, files });
};

it('takes a file or a URL', () => {
  const file = load('{currency: eur, file: prices.csv, max_age: 2h}');
  expect(file.ok && file.config.prices).toEqual({
    currency: 'EUR',
    source: { kind: 'file', path: '/etc/prices.csv' },
    refreshMs: 300_000,
    maxAgeMs: 7_200_000,
  });
  const url = load("{currency: USD, url: 'https://x.example/{coin}', price_path: data.price, refresh: 1m}");
  expect(url.ok && url.config.prices?.source).toEqual({
    kind: 'http',
    url: 'https://x.example/{coin}',
    pricePath: 'data.price',
    timePath: undefined,
  });
});

it.each([
  ['{currency: EUR}', 'needs a "file" or a "url"'],
  ['{file: a.csv}', 'is required'],
  ['{currency: euros and cents, file: a.csv}', 'currency'],
  ["{currency: EUR, url: 'https://x.example/'}", 'needs "price_path"'],
  ["{currency: EUR, file: a, url: 'https://x.example/', price_path: p}", 'keep one'],
  ["{currency: EUR, url: 'ftp://x.example/', price_path: p}", 'URL'],
])('refuses %s', (prices, words) => {
  const result = load(prices);
  expect(result.ok ? [] : result.problems.map(({ message }) => message).join()).toContain(words);
});
