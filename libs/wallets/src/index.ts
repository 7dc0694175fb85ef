export { type BitcoinWalletOptions, createBitcoinWallet } from './bitcoin/bitcoin-wallet.ts';
export type { FeeRates } from './bitcoin/policy.ts';
