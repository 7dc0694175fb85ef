/**
 * The coins we know, as data: a coin is one entry. Sources: `chainparams.cpp` and `rpc/mining.cpp` of
 * Bitcoin Core and Litecoin Core, BIP320 for the rolling mask, BIP94 for testnet4.
 */
import type { Coin } from './coin.ts';

/**
 * BIP320: bits 13 to 28, what miners ask for. BIP323's wider mask would take bits 5 to 12 from the softforks
 * that may signal there. Both coins have signalled in bits 0 to 4 so far, and a test deployment in 28.
 */
const BIP320_MASK = 0x1fffe000;

const BITCOIN_TEST_ADDRESSES = { p2pkh: [0x6f], p2sh: [0xc4], hrp: 'tb' };

/** Without `parameterPeriod`: on the testnets the target of a block depends on its time (20-minute rule). */
const BITCOIN: Coin = {
  id: 'bitcoin',
  network: 'mainnet',
  name: 'Bitcoin',
  symbol: 'BTC',
  decimals: 8,
  algorithm: 'sha256d',
  family: 'bitcoin',
  addresses: { p2pkh: [0x00], p2sh: [0x05], hrp: 'bc' },
  coinbaseMaturity: 100,
  targetSpacingSeconds: 600,
  gbtRules: ['segwit'],
  mweb: false,
  versionRollingMask: BIP320_MASK,
  subsidy: { initialAtomic: 5_000_000_000n, halvingInterval: 210_000 },
  genesisHash: '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f',
};

const BITCOIN_REGTEST: Coin = {
  ...BITCOIN,
  network: 'regtest',
  symbol: 'rBTC',
  addresses: { ...BITCOIN_TEST_ADDRESSES, hrp: 'bcrt' },
  subsidy: { initialAtomic: 5_000_000_000n, halvingInterval: 150 },
  parameterPeriod: 144,
  genesisHash: '0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206',
};

const { parameterPeriod: _never, ...REGTEST_WITHOUT_PERIOD } = BITCOIN_REGTEST;

/**
 * The private chain of apps/playground: regtest's genesis and formats, a target that follows the hash power
 * from block to block, Bitcoin's halving interval, and a maturity that a newcomer sees in minutes.
 */
export const BITCOIN_PLAYGROUND: Coin = {
  ...REGTEST_WITHOUT_PERIOD,
  network: 'playground',
  symbol: 'pBTC',
  subsidy: BITCOIN.subsidy,
  coinbaseMaturity: 10,
};

/**
 * Rolling version bits 16 to 28 is safe under merged mining as well: auxiliary chains refuse a parent whose
 * upper version half is their own chain id, and bit 29 of every template keeps it different from those.
 * No `parameterPeriod`: with MWEB nobody but the node can build a block.
 */
const LITECOIN: Coin = {
  ...BITCOIN,
  id: 'litecoin',
  name: 'Litecoin',
  symbol: 'LTC',
  algorithm: 'scrypt',
  // Version 5 is the old script version that Bitcoin uses as well; Litecoin Core still reads it.
  addresses: { p2pkh: [0x30], p2sh: [0x32, 0x05], hrp: 'ltc', mwebHrp: 'ltcmweb' },
  targetSpacingSeconds: 150,
  gbtRules: ['mweb', 'segwit'],
  mweb: true,
  subsidy: { initialAtomic: 5_000_000_000n, halvingInterval: 840_000 },
  genesisHash: '12a765e31ffd4059bada1e25190f6e98c99d9714d334efa41a195a7e7e04bfe2',
};

const LITECOIN_TEST_ADDRESSES = { p2pkh: [0x6f], p2sh: [0x3a, 0xc4], hrp: 'tltc', mwebHrp: 'tmweb' };

export const coins: readonly Coin[] = [
  { ...BITCOIN, parameterPeriod: 2016 },
  {
    ...BITCOIN,
    network: 'testnet',
    symbol: 'tBTC',
    addresses: BITCOIN_TEST_ADDRESSES,
    genesisHash: '000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943',
  },
  {
    ...BITCOIN,
    network: 'testnet4',
    symbol: 'tBTC',
    addresses: BITCOIN_TEST_ADDRESSES,
    genesisHash: '00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043',
  },
  {
    ...BITCOIN,
    network: 'signet',
    symbol: 'sBTC',
    addresses: BITCOIN_TEST_ADDRESSES,
    gbtRules: ['segwit', 'signet'],
    parameterPeriod: 2016,
    // All signets share the genesis block; they differ in their challenge.
    genesisHash: '00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6',
  },
  BITCOIN_REGTEST,
  BITCOIN_PLAYGROUND,
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
    subsidy: { initialAtomic: 5_000_000_000n, halvingInterval: 150 },
    genesisHash: '530827f38f93b43ed12af0b3ad25a288dc02ed74d6d7857862df51fc56c416f9',
  },
];

export const findCoin = (id: string, network: string): Coin | undefined =>
  coins.find((coin) => coin.id === id && coin.network === network);
