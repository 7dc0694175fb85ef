/** Litecoin. Sources: `chainparams.cpp` and `doc/mweb` of Litecoin Core. */
import type { BitcoinCoin } from '../coin.ts';
import { BITCOIN } from './bitcoin.ts';

/**
 * Rolling version bits 16 to 28 is safe under merged mining as well: auxiliary chains refuse a parent whose
 * upper version half is their own chain id, and bit 29 of every template keeps it different from those.
 * No `parameterPeriod`: with MWEB nobody but the node can build a block.
 */
const LITECOIN: BitcoinCoin = {
  ...BITCOIN,
  id: 'litecoin',
  name: 'Litecoin',
  symbol: 'LTC',
  atomicUnit: 'litoshi',
  algorithm: 'scrypt',
  // Version 5 is the old script version that Bitcoin uses as well; Litecoin Core still reads it.
  addresses: { p2pkh: [0x30], p2sh: [0x32, 0x05], hrp: 'ltc', mwebHrp: 'ltcmweb' },
  targetSpacingSeconds: 150,
  gbtRules: ['mweb', 'segwit'],
  mweb: true,
  subsidy: { ...BITCOIN.subsidy, halvingInterval: 840_000 },
  dust: { kind: 'rate', atomicPerKilobyte: 30_000n },
  genesisHash: '12a765e31ffd4059bada1e25190f6e98c99d9714d334efa41a195a7e7e04bfe2',
};

const LITECOIN_TEST_ADDRESSES = { p2pkh: [0x6f], p2sh: [0x3a, 0xc4], hrp: 'tltc', mwebHrp: 'tmweb' };

export const litecoinNetworks: readonly BitcoinCoin[] = [
  LITECOIN,
  {
    ...LITECOIN,
    network: 'testnet',
    symbol: 'tLTC',
    addresses: LITECOIN_TEST_ADDRESSES,
    genesisHash: '4966625a4b2851d9fdee139e56211a0d88575f59ed816ff5e6a63deb4e3e29a0',
  },
  {
    ...LITECOIN,
    network: 'regtest',
    symbol: 'rLTC',
    addresses: { ...LITECOIN_TEST_ADDRESSES, hrp: 'rltc' },
    subsidy: { ...BITCOIN.subsidy, halvingInterval: 150 },
    genesisHash: '530827f38f93b43ed12af0b3ad25a288dc02ed74d6d7857862df51fc56c416f9',
  },
];
