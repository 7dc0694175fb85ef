/** Monero. Source: `cryptonote_config.h` of monero; the genesis hashes follow from its `GENESIS_TX`. */
import type { CryptonoteCoin } from '../coin.ts';

const MONERO: CryptonoteCoin = {
  id: 'monero',
  network: 'mainnet',
  name: 'Monero',
  symbol: 'XMR',
  decimals: 12,
  atomicUnit: 'piconero',
  algorithm: 'randomx',
  family: 'cryptonote',
  addresses: { standard: 18, integrated: 19, subaddress: 42 },
  coinbaseMaturity: 60,
  targetSpacingSeconds: 120,
  // Speed 20 is for blocks of one minute, the tail 0.3 for each minute; blocks have come every two since 2016.
  subsidy: { kind: 'emission', supplyAtomic: 2n ** 64n - 1n, speedShift: 19, tailAtomic: 600_000_000_000n },
  seedEpochBlocks: 2048,
  seedLagBlocks: 64,
  genesisHash: '418015bb9ae982a1975da7d79277c2705727a56894ba0fb246adaabb1f4632e3',
};

export const moneroNetworks: readonly CryptonoteCoin[] = [
  MONERO,
  {
    ...MONERO,
    network: 'testnet',
    symbol: 'tXMR',
    addresses: { standard: 53, integrated: 54, subaddress: 63 },
    genesisHash: '48ca7cd3c8de5b6a4d53d2861fbdaedca141553559f9be9520068053cda8430b',
  },
  {
    ...MONERO,
    network: 'stagenet',
    symbol: 'sXMR',
    addresses: { standard: 24, integrated: 25, subaddress: 36 },
    genesisHash: '76ee3cc98646292206cd3e86f74d88b4dcc1d937088645e9b0cbca84b7ce74eb',
  },
  // monerod --regtest has the genesis block and the addresses of the main network.
  { ...MONERO, network: 'regtest', symbol: 'rXMR' },
];
