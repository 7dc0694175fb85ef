/** What may be mined below a pool's own coin, and what each such chain must say. */
import { type Config, formatProblems, type LoadResult, loadConfig } from './index.ts';

const P2PKH = 'mfcGAzvis9JQAb6avB6WBGiGrgWzLxuGaC';
const DAEMON = '{url: "http://127.0.0.1:1", user: u, password: p}';
const DOGE = `{coin: dogecoin, network: regtest, payout_address: ${P2PKH}, daemons: [${DAEMON}]}`;

const load = (merged: string, pool = 'coin: litecoin, network: regtest'): LoadResult =>
  loadConfig({
    file: '/etc/otedama/pool.yaml',
    text: `pool: {${pool}, payout_address: ${P2PKH}, daemons: [${DAEMON}], merged_mining: [${merged}]}`,
    env: {},
    defaults: { dataDir: '/var/lib/otedama', cores: 8 },
    files: { read: () => ({ ok: false, reason: 'no such file' }) },
  });

const problems = (result: LoadResult): string => (result.ok ? '' : formatProblems(result.problems));

const loaded = (merged: string): Config => {
  const result = load(merged);
  if (!result.ok) throw new Error(problems(result));
  return result.config;
};

it('is a list of chains with daemons of their own', () => {
  expect(loaded(DOGE).pools[0]?.mergedChains).toMatchObject([
    {
      coin: { id: 'dogecoin', network: 'regtest' },
      payoutAddress: P2PKH,
      daemons: [{ url: 'http://127.0.0.1:1' }],
    },
  ]);
  expect(loaded('').pools[0]?.mergedChains).toEqual([]);
});

it.each([
  ['{}', /merged_mining\[0\]\.coin: is required.*dogecoin/],
  [`{coin: bitcoin, daemons: [${DAEMON}]}`, /merged_mining\[0\]\.coin: .*not a coin for merged mining/],
  [
    `{coin: dogecoin, network: signet, payout_address: x, daemons: [${DAEMON}]}`,
    /no network "signet" here.*mainnet, testnet, regtest/,
  ],
  [
    `{coin: dogecoin, payout_address: ${P2PKH}, daemons: [${DAEMON}]}`,
    /Dogecoin mainnet cannot be mined below Litecoin regtest \(allowed: Dogecoin testnet, Dogecoin regtest\)/,
  ],
  [
    `{coin: dogecoin, network: regtest, payout_address: nobody, daemons: [${DAEMON}]}`,
    /merged_mining\[0\]\.payout_address: not an address of Dogecoin regtest/,
  ],
  [
    `{coin: dogecoin, network: regtest, payout_address: ${P2PKH}}`,
    /merged_mining\[0\]\.daemons: is required/,
  ],
  [
    `{coin: dogecoin, network: regtest, daemons: [${DAEMON}]}`,
    /merged_mining\[0\]\.payout_address: is required/,
  ],
  [`${DOGE}, ${DOGE}`, /merged_mining\[1\]\.coin: dogecoin is listed before/],
  [Array.from({ length: 9 }, () => DOGE).join(', '), /merged_mining: lists more than 8 chains/],
])('%s is refused', (merged, message) => {
  expect(problems(load(merged))).toMatch(message);
});

it('is refused below a coin of another algorithm', () => {
  const result = load(DOGE, 'coin: bitcoin, network: regtest');
  expect(problems(result)).toMatch(
    /Dogecoin regtest cannot be mined below Bitcoin regtest \(allowed: no coin can\)/,
  );
});

it('leaves less room for the tag', () => {
  const pool = (length: number): string =>
    `coin: litecoin, network: regtest, coinbase_tag: ${'x'.repeat(length)}`;
  expect(problems(load(DOGE, pool(28)))).toBe('');
  expect(problems(load(DOGE, pool(29)))).toMatch(/coinbase_tag: is longer than the 28 bytes/);
  expect(problems(load('', pool(29)))).toBe('');
});
