export { type BitcoinWalletOptions, createBitcoinWallet } from './bitcoin/bitcoin-wallet.ts';
export type { FeeRates } from './bitcoin/policy.ts';
export { createEthereumWallet, type EthereumWalletOptions } from './ethereum/ethereum-wallet.ts';
export { createMoneroWallet, type MoneroWalletOptions } from './monero/monero-wallet.ts';
