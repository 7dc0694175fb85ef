export { registerDatabaseMetrics } from './database-metrics.ts';
export { createAccess } from './access/access.ts';
export { createPasswords } from './access/passwords.ts';
export { createTokens, makeSigningKey } from './access/tokens.ts';
export {
  type Accounting,
  type AccountingDeps,
  type AccountingOptions,
  createAccounting,
} from './accounting.ts';
export { AccountingModule } from './accounting.module.ts';
export { type AuditKeeper, createAuditKeeper } from './audit/keeper.ts';
export { createRemoteChain } from './chain/remote-chain.ts';
export { createSettlementQuery } from './explain/queries.ts';
export {
  createPayoutDesk,
  createPayoutWishes,
  createPayouts,
  makePlan,
  noLessons,
  openWallets,
  type PayoutDesk,
  type Payouts,
  type PayoutTask,
  type PayoutWishes,
} from './payouts/index.ts';
export type { ChainView } from './ports.ts';
export type { AccountedPool, AccountingQueries } from './queries.ts';
export { ACCOUNTING } from './tokens.ts';
