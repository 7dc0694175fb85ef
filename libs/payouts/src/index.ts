export { WalletError, type WalletErrorCode, type WalletErrorFields, isWalletError } from './errors.ts';
export { type Claim, type OwedAccount, type RefusedAddress, groupByPayee } from './group.ts';
export { type BatchVerdict, type Depths, type LookedAt, judgeBatch } from './judge.ts';
export {
  type FeeRule,
  type HeldClaim,
  type HeldReason,
  type Plan,
  type PlanFunds,
  type PlanInput,
  type PlanRules,
  type PlannedOutput,
  planPayouts,
} from './plan.ts';
export type {
  Payee,
  PayoutWallet,
  SignedTransaction,
  TransactionStanding,
  WalletBalance,
  WalletCosts,
} from './wallet.ts';
export { type SignedWish, formatWish, parseWish, toAtomic } from './wish/message.ts';
export { type SignatureCheck, checkSignature } from './wish/signature.ts';
