/** Ravencoin. Sources: `chainparams.cpp`, `validation.cpp` and `crypto/ethash` of Ravencoin Core 4. */
import type { KawpowCoin } from '../coin.ts';

/** Segregated witness is active, but wallets have no addresses for it. */
const RAVENCOIN: KawpowCoin = {
  id: 'ravencoin',
  network: 'mainnet',
  name: 'Ravencoin',
  symbol: 'RVN',
  decimals: 8,
  atomicUnit: 'corbie',
  algorithm: 'kawpow',
  family: 'kawpow',
  addresses: { p2pkh: [0x3c], p2sh: [0x7a] },
  coinbaseMaturity: 100,
  targetSpacingSeconds: 60,
  gbtRules: ['segwit'],
  subsidy: { kind: 'halving', initialAtomic: 500_000_000_000n, halvingInterval: 2_100_000 },
  epochBlocks: 7500,
  programBlocks: 3,
  kawpowFromTime: 1_588_788_000,
  genesisHash: '0000006b444bc2f2ffe627be9d9e7e7a0730000870ef6eb6da46c8eae389df90',
};

const TEST_ADDRESSES = { p2pkh: [0x6f], p2sh: [0xc4] };

export const ravencoinNetworks: readonly KawpowCoin[] = [
  RAVENCOIN,
  {
    ...RAVENCOIN,
    network: 'testnet',
    symbol: 'tRVN',
    addresses: TEST_ADDRESSES,
    kawpowFromTime: 1_585_159_200,
    genesisHash: '000000ecfc5e6324a079542221d00e10362bdc894d56500c414060eea8a3ad5a',
  },
  {
    ...RAVENCOIN,
    network: 'regtest',
    symbol: 'rRVN',
    addresses: TEST_ADDRESSES,
    subsidy: { ...RAVENCOIN.subsidy, halvingInterval: 150 },
    // In 2083: regtest stays on the old proof of work unless its clock is mocked.
    kawpowFromTime: 3_582_830_167,
    genesisHash: '0b2c703dc93bb63a36c4e33b85be4855ddbca2ac951a7a0a29b8de0408200a3c',
  },
];
