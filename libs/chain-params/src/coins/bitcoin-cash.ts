/**
 * Bitcoin Cash. Source: `chainparams.cpp` of Bitcoin Cash Node. Its genesis block is Bitcoin's, also on the
 * old testnet and regtest: a daemon of the one passes for the other by that hash alone.
 */
import type { BitcoinCoin } from '../coin.ts';
import { BITCOIN, BITCOIN_REGTEST } from './bitcoin.ts';

/** No segregated witness. No `parameterPeriod`: the target changes with every block (ASERT). */
const BITCOIN_CASH: BitcoinCoin = {
  ...BITCOIN,
  id: 'bitcoin-cash',
  name: 'Bitcoin Cash',
  symbol: 'BCH',
  addresses: { p2pkh: [0x00], p2sh: [0x05], cashPrefix: 'bitcoincash' },
  gbtRules: [],
};

const TEST_ADDRESSES = { p2pkh: [0x6f], p2sh: [0xc4], cashPrefix: 'bchtest' };
/** Chipnet left testnet4 after blocks that both keep. */
const TESTNET4_GENESIS = '000000001dd410c49a788668ce26751718cc797474d3152a5fc073dd44fd9f7b';

export const bitcoinCashNetworks: readonly BitcoinCoin[] = [
  BITCOIN_CASH,
  {
    ...BITCOIN_CASH,
    network: 'testnet',
    symbol: 'tBCH',
    addresses: TEST_ADDRESSES,
    genesisHash: '000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943',
  },
  {
    ...BITCOIN_CASH,
    network: 'testnet4',
    symbol: 'tBCH',
    addresses: TEST_ADDRESSES,
    genesisHash: TESTNET4_GENESIS,
  },
  {
    ...BITCOIN_CASH,
    network: 'chipnet',
    symbol: 'cBCH',
    addresses: TEST_ADDRESSES,
    genesisHash: TESTNET4_GENESIS,
  },
  {
    ...BITCOIN_CASH,
    network: 'scalenet',
    symbol: 'sBCH',
    addresses: TEST_ADDRESSES,
    genesisHash: '00000000e6453dc2dfe1ffa19023f86002eb11dbb8e87d0291a4599f0430be52',
  },
  {
    ...BITCOIN_CASH,
    network: 'regtest',
    symbol: 'rBCH',
    addresses: { ...TEST_ADDRESSES, cashPrefix: 'bchreg' },
    subsidy: BITCOIN_REGTEST.subsidy,
    genesisHash: BITCOIN_REGTEST.genesisHash,
  },
];
