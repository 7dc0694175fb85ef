/**
 * Ethereum Classic. Sources: `params` and `consensus/ethash` of core-geth, ECIP-1017 for the rewards, ECIP-1099
 * for the epochs. The genesis block is Ethereum's: the chain id tells the two apart.
 */
import type { EthashCoin } from '../coin.ts';

const ETHEREUM_CLASSIC: EthashCoin = {
  id: 'ethereum-classic',
  network: 'mainnet',
  name: 'Ethereum Classic',
  symbol: 'ETC',
  decimals: 18,
  atomicUnit: 'wei',
  algorithm: 'etchash',
  family: 'ethash',
  chainId: 61,
  // No rule of consensus: rewards are spendable at once, but the chain has seen reorganisations of days.
  coinbaseMaturity: 120,
  targetSpacingSeconds: 13,
  epochBlocks: 30_000,
  epochDoublesAt: 11_700_000,
  maxUncleDepth: 6,
  subsidy: { kind: 'eras', initialAtomic: 5n * 10n ** 18n, eraBlocks: 5_000_000 },
  genesisHash: 'd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3',
};

export const ethereumClassicNetworks: readonly EthashCoin[] = [
  ETHEREUM_CLASSIC,
  {
    ...ETHEREUM_CLASSIC,
    network: 'mordor',
    symbol: 'METC',
    chainId: 63,
    epochDoublesAt: 2_520_000,
    subsidy: { ...ETHEREUM_CLASSIC.subsidy, eraBlocks: 2_000_000 },
    genesisHash: 'a68ebde7932eccb177d38d55dcc6461a019dd795a681e59b5a3e4f3a7259a3f1',
  },
  // Nodes bring no such network: it is the private chain whose genesis block test/harness gives to its node.
  {
    ...ETHEREUM_CLASSIC,
    network: 'regtest',
    symbol: 'rETC',
    chainId: 63_063,
    coinbaseMaturity: 12,
    genesisHash: '1865bfb598ed2a082b10ee72695a06ac623faf8d173eeb4af56e2fd6417b548c',
  },
];
