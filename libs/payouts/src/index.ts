export { WalletError, type WalletErrorCode, type WalletErrorFields, isWalletError } from './errors.ts';
export { type BatchVerdict, type Depths, type LookedAt, judgeBatch } from './judge.ts';
export type {
  Payee,
  PayoutWallet,
  SignedTransaction,
  TransactionStanding,
  WalletBalance,
  WalletCosts,
} from './wallet.ts';
