/** Dogecoin. Sources: `chainparams.cpp` and `dogecoin.cpp` of Dogecoin Core 1.14. */
import type { BitcoinCoin } from '../coin.ts';
import { BITCOIN } from './bitcoin.ts';

const COIN = 100_000_000n;
const SUBSIDY = { kind: 'halving', initialAtomic: 500_000n * COIN } as const;
const FOREVER = 10_000n * COIN;
/** 98. */
const CHAIN_ID = 0x62;

/**
 * No version bit may be rolled: the upper half carries the chain id, and bit 8 says that an AuxPoW follows.
 * The subsidy is true from height 145,000; before, it was drawn from the hash of the block before.
 */
const DOGECOIN: BitcoinCoin = {
  ...BITCOIN,
  id: 'dogecoin',
  name: 'Dogecoin',
  symbol: 'DOGE',
  atomicUnit: 'koinu',
  algorithm: 'scrypt',
  addresses: { p2pkh: [0x1e], p2sh: [0x16] },
  coinbaseMaturity: 240,
  targetSpacingSeconds: 60,
  gbtRules: [],
  versionRollingMask: 0,
  subsidy: { ...SUBSIDY, halvingInterval: 100_000, constant: { fromHeight: 600_000, atomic: FOREVER } },
  dust: { kind: 'sum', atomic: COIN / 100n },
  auxPow: { chainId: CHAIN_ID, fromHeight: 371_337, strictChainId: true },
  genesisHash: '1a91e3dace36e2be3bf030a65679fe821aa1d6ef92e7c9902eb318182c355691',
};

export const dogecoinNetworks: readonly BitcoinCoin[] = [
  DOGECOIN,
  {
    ...DOGECOIN,
    network: 'testnet',
    symbol: 'tDOGE',
    addresses: { p2pkh: [0x71], p2sh: [0xc4] },
    auxPow: { chainId: CHAIN_ID, fromHeight: 158_100, strictChainId: false },
    genesisHash: 'bb0a78264637406b6360aad926284d544d7049f45189db5664f3c4d07350559e',
  },
  {
    ...DOGECOIN,
    network: 'regtest',
    symbol: 'rDOGE',
    addresses: { p2pkh: [0x6f], p2sh: [0xc4] },
    coinbaseMaturity: 60,
    targetSpacingSeconds: 1,
    subsidy: { ...SUBSIDY, halvingInterval: 150, constant: { fromHeight: 900, atomic: FOREVER } },
    auxPow: { chainId: CHAIN_ID, fromHeight: 20, strictChainId: true },
    genesisHash: '3d2160a3b5dc4a9d62e7e66a295f70313ac808440ef7400d6c0772171ce973a5',
  },
];
