import { readFileSync } from 'node:fs';

import {
  type CoinId,
  type EmissionSubsidy,
  type EraSubsidy,
  type HalvingSubsidy,
  blockSubsidy,
  emissionSubsidy,
  findCoin,
  uncleRewards,
} from './index.ts';

const ruleOf = (id: CoinId, network: string): HalvingSubsidy | EraSubsidy | EmissionSubsidy => {
  const coin = findCoin(id, network);
  if (coin === undefined) throw new Error(`no coin ${id} ${network}`);
  return coin.subsidy;
};

const at = (id: CoinId, network: string, height: number): bigint => {
  const rule = ruleOf(id, network);
  if (rule.kind === 'emission') throw new Error('follows the supply');
  return blockSubsidy(rule, height);
};

const SATOSHI = 100_000_000n;
const ETHER = 10n ** 18n;

it.each<[CoinId, string, number, bigint]>([
  ['bitcoin', 'mainnet', 0, 50n * SATOSHI],
  ['bitcoin', 'mainnet', 839_999, 625_000_000n],
  ['bitcoin', 'mainnet', 840_000, 312_500_000n],
  ['bitcoin', 'mainnet', 13_440_000, 0n],
  ['bitcoin-cash', 'mainnet', 840_000, 312_500_000n],
  ['bitcoin-cash', 'regtest', 150, 25n * SATOSHI],
  ['litecoin', 'mainnet', 2_520_000, 625_000_000n],
  ['dogecoin', 'mainnet', 145_000, 250_000n * SATOSHI],
  ['dogecoin', 'mainnet', 599_999, 15_625n * SATOSHI],
  ['dogecoin', 'mainnet', 600_000, 10_000n * SATOSHI],
  ['dogecoin', 'mainnet', 50_000_000, 10_000n * SATOSHI],
  ['dogecoin', 'regtest', 899, 15_625n * SATOSHI],
  ['dogecoin', 'regtest', 900, 10_000n * SATOSHI],
  ['ravencoin', 'mainnet', 2_099_999, 5_000n * SATOSHI],
  ['ravencoin', 'mainnet', 2_100_000, 2_500n * SATOSHI],
  ['ethereum-classic', 'mainnet', 0, 5n * ETHER],
  ['ethereum-classic', 'mainnet', 5_000_000, 5n * ETHER],
  ['ethereum-classic', 'mainnet', 5_000_001, 4n * ETHER],
  ['ethereum-classic', 'mainnet', 10_000_001, (32n * ETHER) / 10n],
  ['ethereum-classic', 'mainnet', 20_000_001, 2_048n * 10n ** 15n],
  ['ethereum-classic', 'mordor', 2_000_000, 5n * ETHER],
  ['ethereum-classic', 'mordor', 2_000_001, 4n * ETHER],
])('%s %s pays block %d %d', (id, network, height, expected) => {
  expect(at(id, network, height)).toBe(expected);
});

describe('uncles', () => {
  const rule = ruleOf('ethereum-classic', 'mainnet');
  if (rule.kind !== 'eras') throw new Error('no eras');

  it('are paid by their depth in the first era', () => {
    expect(uncleRewards(rule, 2_534_999, 2_534_998)).toEqual({
      uncleAtomic: (35n * ETHER) / 8n,
      nephewAtomic: (5n * ETHER) / 32n,
    });
    expect(uncleRewards(rule, 100, 94).uncleAtomic).toBe((10n * ETHER) / 8n);
  });

  it('are paid as much as the one who names them since then', () => {
    const reward = (4n * ETHER) / 32n;
    expect(uncleRewards(rule, 5_000_001, 5_000_000)).toEqual({ uncleAtomic: reward, nephewAtomic: reward });
  });

  it.each([
    [10, 10],
    [10, 2],
    [10, 11],
  ])('block %d names none at %d', (height, uncle) => {
    expect(() => uncleRewards(rule, height, uncle)).toThrow(
      expect.objectContaining({ code: 'HEIGHT_RANGE' }),
    );
  });
});

describe('emission', () => {
  const rule = ruleOf('monero', 'mainnet');
  if (rule.kind !== 'emission') throw new Error('no emission');

  it('has come to the tail', () => {
    const url = new URL('../../../test/vectors/randomx.json', import.meta.url);
    const { cases } = JSON.parse(readFileSync(url, 'utf8')) as {
      cases: { kind: string; response: { already_generated_coins: string } }[];
    };
    const recorded = cases.find(({ kind }) => kind === 'miner-data');
    const generated = BigInt(recorded?.response.already_generated_coins ?? -1);
    expect(generated).toBeGreaterThan(18n * 10n ** 18n);
    expect(emissionSubsidy(rule, generated)).toBe(600_000_000_000n);
  });

  it('falls with what is left, and never below the tail', () => {
    expect(emissionSubsidy(rule, 0n)).toBe(35_184_372_088_831n);
    expect(emissionSubsidy(rule, 2n ** 63n)).toBe(17_592_186_044_415n);
    expect(emissionSubsidy(rule, 2n ** 64n - 1n)).toBe(600_000_000_000n);
    expect(emissionSubsidy(rule, 2n ** 65n)).toBe(600_000_000_000n);
  });
});

it.each([-1, 0.5, Number.NaN])('no block is at height %d', (height) => {
  expect(() => at('bitcoin', 'mainnet', height)).toThrow(expect.objectContaining({ code: 'HEIGHT_RANGE' }));
});
