/** Wallets and payouts: what is taken for what is not said, and what operators are told of what cannot be right. */
import { type Config, formatProblems, type LoadResult, loadConfig, type PayoutConfig } from './index.ts';

const LTC = 'mfcGAzvis9JQAb6avB6WBGiGrgWzLxuGaC';
const XMR = '44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A';
const ETC = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
const DAEMON = '{url: "http://127.0.0.1:1", user: u, password: p}';
const DOGE = `coin: dogecoin, network: regtest, payout_address: ${LTC}, daemons: [${DAEMON}]`;

const load = (pool: string): LoadResult =>
  loadConfig({
    file: '/etc/otedama/pool.yaml',
    text: pool,
    env: {},
    defaults: { dataDir: '/var/lib/otedama', cores: 8 },
    files: { read: () => ({ ok: false, reason: 'no such file' }) },
  });

const litecoin = (keys: string): string =>
  `pool: {coin: litecoin, network: regtest, payout_address: ${LTC}, daemons: [${DAEMON}], ${keys}}`;
const monero = (keys: string): string =>
  `pool: {coin: monero, payout_address: ${XMR}, daemons: [{url: "http://127.0.0.1:1"}], ${keys}}`;
const classic = (keys: string): string =>
  `pool: {coin: ethereum-classic, payout_address: "${ETC}", daemons: [{url: "http://127.0.0.1:1"}], ${keys}}`;

const problems = (text: string): string => {
  const result = load(text);
  return result.ok ? '' : formatProblems(result.problems, 'pool.yaml');
};

const loaded = (text: string): Config => {
  const result = load(text);
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return result.config;
};

const payoutsOf = (text: string): PayoutConfig | undefined => loaded(text).pools[0]?.payouts;

it('reads an address that begins like a number', () => {
  const text = classic('').replace(`"${ETC}"`, ETC);
  expect(loaded(text).pools[0]?.payoutAddress).toBe(ETC);
});

it('pays nobody without a wallet, nor where payouts are switched off', () => {
  expect(payoutsOf(litecoin('scheme: pplns'))).toBeUndefined();
  expect(payoutsOf(litecoin('wallet: {}, payouts: {enable: false}'))).toBeUndefined();
});

it('takes the first daemon for the wallet, and amounts by coin', () => {
  const payouts = payoutsOf(litecoin('wallet: {name: payouts}'));
  expect(payouts).toMatchObject({
    wallet: { url: 'http://127.0.0.1:1', user: 'u', name: 'payouts', keyFile: undefined },
    minimumAtomic: 5_000_000n,
    lowestMinimumAtomic: 500_000n,
    feeRule: 'pool',
    maxFeeBasisPoints: 500,
    intervalMs: 3_600_000,
    approveAboveAtomic: undefined,
    maxPayees: 500,
    confirmations: 6,
    bumpAfterMs: 7_200_000,
  });
  expect(payouts?.wallet.password.reveal()).toBe('p');
});

it('reads amounts to the last decimal of the coin', () => {
  const keys =
    'minimum: 0.1, lowest_minimum: "0.00000001", approve_above: 100, batch_limit: 21.5, daily_limit: "84000000.00000001"';
  expect(payoutsOf(litecoin(`wallet: {}, payouts: {${keys}, fee: miners}`))).toMatchObject({
    minimumAtomic: 10_000_000n,
    lowestMinimumAtomic: 1n,
    approveAboveAtomic: 10_000_000_000n,
    batchLimitAtomic: 2_150_000_000n,
    dailyLimitAtomic: 8_400_000_000_000_001n,
    feeRule: 'miners',
  });
  const fine = payoutsOf(classic('wallet: {key_file: pay.key}, payouts: {minimum: "0.000000000000000001"}'));
  expect(fine).toMatchObject({ minimumAtomic: 1n, wallet: { keyFile: '/etc/otedama/pay.key' } });
});

it('has a wallet of its own for each chain that is mined below', () => {
  const both = loaded(litecoin(`wallet: {name: a}, merged_mining: [{${DOGE}, wallet: {name: b}}]`));
  expect(both.pools[0]?.mergedChains[0]?.payouts?.wallet.name).toBe('b');
});

it.each([
  [litecoin('payouts: {minimum: 1}'), /pool\.payouts: needs a "wallet" beside it/],
  [litecoin('wallet: {url: "http://127.0.0.1:2"}'), /pool\.wallet\.user: is required/],
  [litecoin('wallet: {url: wallet.example}'), /pool\.wallet\.url: .*not a wallet URL/],
  [litecoin('wallet: {key_file: k}'), /pool\.wallet\.key_file: means nothing to a wallet of Litecoin/],
  [litecoin('wallet: {password_file: gone}'), /pool\.wallet\.password_file: .*no such file/],
  [litecoin('wallet: {}, payouts: {minimum: 0.123456789}'), /pool\.payouts\.minimum: rLTC has 8 decimals/],
  [litecoin('wallet: {}, payouts: {minimum: -1}'), /pool\.payouts\.minimum: -1 is not an amount of coins/],
  [litecoin('wallet: {}, payouts: {minimum: 1, lowest_minimum: 2}'), /lowest_minimum: is above minimum/],
  [litecoin('wallet: {}, payouts: {max_payees: 2501}'), /max_payees: 2501 is not a whole number in range/],
  [litecoin('wallet: {}, payouts: {fee: nobody}'), /payouts\.fee: .*\(allowed: pool, miners\)/],
  [litecoin('wallet: {}, payouts: {interval: 3600}'), /payouts\.interval: 3600 is not a duration/],
  [monero('wallet: {}'), /pool\.wallet\.url: is required: that of monero-wallet-rpc/],
  [
    monero('wallet: {url: "http://127.0.0.1:2", name: w}'),
    /pool\.wallet\.name: means nothing to a wallet of Monero/,
  ],
  [classic('wallet: {}'), /pool\.wallet\.key_file: is required: payouts are signed here/],
  [
    litecoin(`wallet: {}, merged_mining: [{${DOGE}, wallet: {}}]`),
    /pool\.merged_mining\[0\]\.wallet: is pool\.wallet again/,
  ],
])('%s', (text, expected) => {
  expect(problems(text)).toMatch(expected);
});
