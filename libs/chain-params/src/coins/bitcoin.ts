/**
 * Bitcoin. Sources: `chainparams.cpp` and `rpc/mining.cpp` of Bitcoin Core, BIP320 for the rolling mask, BIP94
 * for testnet4.
 */
import type { BitcoinCoin } from '../coin.ts';

/**
 * BIP320: bits 13 to 28, what miners ask for. BIP323's wider mask would take bits 5 to 12 from the softforks
 * that may signal there. Bitcoin and Litecoin have signalled in bits 0 to 4 so far, and a test deployment in 28.
 */
export const BIP320_MASK = 0x1fffe000;

export const BITCOIN_TEST_ADDRESSES = { p2pkh: [0x6f], p2sh: [0xc4], hrp: 'tb' };

/** Without `parameterPeriod`: on the testnets the target of a block depends on its time (20-minute rule). */
export const BITCOIN: BitcoinCoin = {
  id: 'bitcoin',
  network: 'mainnet',
  name: 'Bitcoin',
  symbol: 'BTC',
  decimals: 8,
  atomicUnit: 'satoshi',
  algorithm: 'sha256d',
  family: 'bitcoin',
  addresses: { p2pkh: [0x00], p2sh: [0x05], hrp: 'bc' },
  coinbaseMaturity: 100,
  targetSpacingSeconds: 600,
  gbtRules: ['segwit'],
  mweb: false,
  versionRollingMask: BIP320_MASK,
  subsidy: { kind: 'halving', initialAtomic: 5_000_000_000n, halvingInterval: 210_000 },
  dust: { kind: 'rate', atomicPerKilobyte: 3_000n },
  genesisHash: '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f',
};

export const BITCOIN_REGTEST: BitcoinCoin = {
  ...BITCOIN,
  network: 'regtest',
  symbol: 'rBTC',
  addresses: { ...BITCOIN_TEST_ADDRESSES, hrp: 'bcrt' },
  subsidy: { ...BITCOIN.subsidy, halvingInterval: 150 },
  parameterPeriod: 144,
  genesisHash: '0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206',
};

const { parameterPeriod: _never, ...REGTEST_WITHOUT_PERIOD } = BITCOIN_REGTEST;

/**
 * The private chain of apps/playground: regtest's genesis and formats, a target that follows the hash power
 * from block to block, Bitcoin's halving interval, and a maturity that a newcomer sees in minutes.
 */
export const BITCOIN_PLAYGROUND: BitcoinCoin = {
  ...REGTEST_WITHOUT_PERIOD,
  network: 'playground',
  symbol: 'pBTC',
  subsidy: BITCOIN.subsidy,
  coinbaseMaturity: 10,
};

export const bitcoinNetworks: readonly BitcoinCoin[] = [
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
];
