import { readFileSync } from 'node:fs';

import { BITCOIN_PLAYGROUND, coins, findCoin } from './index.ts';

interface HeaderCase {
  readonly kind: string;
  readonly network: string;
  readonly height: number | null;
  readonly hash: string;
}

const genesisHashes = (file: string): ReadonlyMap<string, string> => {
  const url = new URL(`../../../test/vectors/${file}.json`, import.meta.url);
  const { cases } = JSON.parse(readFileSync(url, 'utf8')) as { cases: HeaderCase[] };
  return new Map(cases.filter(({ height }) => height === 0).map(({ network, hash }) => [network, hash]));
};

describe('coins', () => {
  it('are found by id and network', () => {
    expect(coins.map(({ id, network }) => `${id}/${network}`)).toEqual([
      'bitcoin/mainnet',
      'bitcoin/testnet',
      'bitcoin/testnet4',
      'bitcoin/signet',
      'bitcoin/regtest',
      'bitcoin/playground',
      'litecoin/mainnet',
      'litecoin/testnet',
      'litecoin/regtest',
    ]);
    for (const coin of coins) expect(findCoin(coin.id, coin.network)).toBe(coin);
    expect(findCoin('bitcoin', 'playground')).toBe(BITCOIN_PLAYGROUND);
    expect(findCoin('dogecoin', 'mainnet')).toBeUndefined();
  });

  it('begin with the recorded genesis blocks', () => {
    const sha256d = genesisHashes('sha256d');
    expect(findCoin('bitcoin', 'mainnet')?.genesisHash).toBe(sha256d.get('mainnet'));
    expect(findCoin('bitcoin', 'testnet')?.genesisHash).toBe(sha256d.get('testnet3'));
    expect(findCoin('bitcoin', 'regtest')?.genesisHash).toBe(sha256d.get('regtest'));
    expect(findCoin('litecoin', 'mainnet')?.genesisHash).toBe(
      genesisHashes('scrypt').get('litecoin-mainnet'),
    );
  });

  it('offer a parameter period only where target and rules hold still between its heights', () => {
    const periods = coins.filter((coin) => coin.parameterPeriod !== undefined);
    expect(periods.map(({ id, network }) => `${id}/${network}`)).toEqual([
      'bitcoin/mainnet',
      'bitcoin/signet',
      'bitcoin/regtest',
    ]);
  });
});
