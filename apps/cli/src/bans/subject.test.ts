import { findCoin } from '@otedama/chain-params';
import type { PoolConfig } from '@otedama/config';
import { durationOf, idOf, newBanOf } from './subject.ts';

/** BIP173's example key. */
const ADDRESS = 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4';
const coin = findCoin('bitcoin', 'mainnet');
const config = { pools: [{ id: 'main', coin } as PoolConfig] };
const nobody = { word: undefined, pool: undefined, account: undefined };
const network = (word: string) => ({ ...nobody, word });

it('names an account as its miners are known by', () => {
  const words = { ...nobody, pool: 'main', account: ADDRESS.toUpperCase() };
  expect(newBanOf(config, words, 'a flood')).toEqual({ pool: 'main', account: ADDRESS, note: 'a flood' });
  expect(idOf(config, words)).toBe(Buffer.from(`account:main:${ADDRESS}`).toString('base64url'));
});

it('finds the ban of an address however that is written, and of an id as it stands', () => {
  const same = ['2001:db8::/32', '2001:0DB8:0::/32'].map((word) => idOf(config, network(word)));
  expect(new Set(same).size).toBe(1);
  const id = idOf(config, network('192.0.2.7'));
  expect(id).toBe(Buffer.from('192.0.2.7').toString('base64url'));
  expect(idOf(config, network(id ?? ''))).toBe(id);
});

it.each([
  ['a pool that is not there', { ...nobody, pool: 'mian', account: ADDRESS }, /no pool mian .* it has main/],
  ['an address of another coin', { ...nobody, pool: 'main', account: '4AdUnd' }, /^--account: /],
  ['a network that is none', network('192.0.2.1/24'), /192\.0\.2\.0\/24/],
  ['most of the Internet', network('0.0.0.0/0'), /most of the Internet/],
])('says what is wrong with %s', (_, words, message) => {
  expect(() => idOf(config, words)).toThrow(message);
});

it.each([nobody, { ...nobody, pool: 'main' }, { ...nobody, word: '192.0.2.7', pool: 'main', account: 'a' }])(
  'takes no half of a name: %j',
  (words) => {
    expect([newBanOf(config, words), idOf(config, words)]).toEqual([undefined, undefined]);
  },
);

it('takes durations with a unit, and nothing else', () => {
  expect([durationOf('90m'), durationOf('1h30m'), durationOf(undefined)]).toEqual([
    5_400_000,
    5_400_000,
    undefined,
  ]);
  for (const text of ['2', '-1h', 'soon', '0h']) expect(() => durationOf(text)).toThrow(/no duration/);
});
