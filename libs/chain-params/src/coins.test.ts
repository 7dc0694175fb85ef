import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { keccak_256 } from '@noble/hashes/sha3.js';

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

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

const DOGE_ROOT = '5b2a3f53f605d62c53e62932dac6925e3d74afa5a4b459745c36d42d0ed26a69';
const BITCOIN_ROOT = '4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b';
const MONERO_GENESIS_TX =
  '013c01ff0001ffffffffffff03029b2e4c0281c0b02e7c53291a94d1d0cbff8883f8024f5142ee494ffbbd08807121017767aafcde9be00dcfd098715ebcf7f410daebc582fda69d24a28e9d0bc890d1';
const MONERO_STAGENET_GENESIS_TX =
  '013c01ff0001ffffffffffff0302df5d56da0c7d643ddd1ce61901c7bdc5fb1738bfe39fbe69c28a3a7032729c0f2101168d0c4ca86fb55a4cf6a36d31431be1c53a3bd7411bb24e8832410289fa6f3b';

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
      'bitcoin-cash/mainnet',
      'bitcoin-cash/testnet',
      'bitcoin-cash/testnet4',
      'bitcoin-cash/chipnet',
      'bitcoin-cash/scalenet',
      'bitcoin-cash/regtest',
      'dogecoin/mainnet',
      'dogecoin/testnet',
      'dogecoin/regtest',
      'ravencoin/mainnet',
      'ravencoin/testnet',
      'ravencoin/regtest',
      'monero/mainnet',
      'monero/testnet',
      'monero/stagenet',
      'monero/regtest',
      'ethereum-classic/mainnet',
      'ethereum-classic/mordor',
      'ethereum-classic/regtest',
    ]);
    for (const coin of coins) expect(findCoin(coin.id, coin.network)).toBe(coin);
    expect(findCoin('bitcoin', 'playground')).toBe(BITCOIN_PLAYGROUND);
    expect(findCoin('dogecoin', 'signet')).toBeUndefined();
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

  it('name a genesis block in lower-case hex', () => {
    for (const coin of coins) expect(coin.genesisHash).toMatch(/^[0-9a-f]{64}$/);
  });

  /** From the constants of `CreateGenesisBlock` in the nodes' sources. */
  it.each([
    ['dogecoin', 'mainnet', DOGE_ROOT, 1386325540, 0x1e0ffff0, 99943],
    ['dogecoin', 'testnet', DOGE_ROOT, 1391503289, 0x1e0ffff0, 997879],
    ['dogecoin', 'regtest', DOGE_ROOT, 1296688602, 0x207fffff, 2],
    ['bitcoin-cash', 'mainnet', BITCOIN_ROOT, 1231006505, 0x1d00ffff, 2083236893],
    ['bitcoin-cash', 'testnet', BITCOIN_ROOT, 1296688602, 0x1d00ffff, 414098458],
    ['bitcoin-cash', 'testnet4', BITCOIN_ROOT, 1597811185, 0x1d00ffff, 114152193],
    ['bitcoin-cash', 'chipnet', BITCOIN_ROOT, 1597811185, 0x1d00ffff, 114152193],
    ['bitcoin-cash', 'scalenet', BITCOIN_ROOT, 1598282438, 0x1d00ffff, 2727663012],
    ['bitcoin-cash', 'regtest', BITCOIN_ROOT, 1296688602, 0x207fffff, 2],
  ])('%s %s begins with the block that its parameters make', (id, network, root, time, bits, nonce) => {
    const header = Buffer.alloc(80);
    header.writeUInt32LE(1, 0);
    Buffer.from(root, 'hex').reverse().copy(header, 36);
    for (const [i, word] of [time, bits, nonce].entries()) header.writeUInt32LE(word, 68 + 4 * i);
    const hash = sha256(sha256(header)).reverse().toString('hex');
    expect(findCoin(id, network)?.genesisHash).toBe(hash);
  });

  /** From `GENESIS_TX` and `GENESIS_NONCE` of monero's cryptonote_config.h. */
  it.each([
    ['mainnet', MONERO_GENESIS_TX, 10_000],
    ['testnet', MONERO_GENESIS_TX, 10_001],
    ['stagenet', MONERO_STAGENET_GENESIS_TX, 10_002],
    ['regtest', MONERO_GENESIS_TX, 10_000],
  ])('monero %s begins with the block that its parameters make', (network, transaction, nonce) => {
    const blob = Buffer.alloc(72);
    blob.writeUInt8(1, 0);
    blob.writeUInt32LE(nonce, 35);
    blob.set(keccak_256(Buffer.from(transaction, 'hex')), 39);
    blob.writeUInt8(1, 71);
    const id = Buffer.from(keccak_256(Buffer.concat([Uint8Array.of(blob.length), blob]))).toString('hex');
    expect(findCoin('monero', network)?.genesisHash).toBe(id);
  });

  it('let no version bit be rolled that means something', () => {
    for (const coin of coins) {
      if (coin.family === 'bitcoin' && coin.auxPow !== undefined) expect(coin.versionRollingMask).toBe(0);
    }
  });

  it('offer a parameter period only where target and rules hold still between its heights', () => {
    const periods = coins.filter((coin) => coin.family === 'bitcoin' && coin.parameterPeriod !== undefined);
    expect(periods.map(({ id, network }) => `${id}/${network}`)).toEqual([
      'bitcoin/mainnet',
      'bitcoin/signet',
      'bitcoin/regtest',
    ]);
  });
});
