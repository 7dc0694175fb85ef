export { ROLES, type Role, covers, roleSchema } from './access.ts';
export { type Clock, type Logger, silentLogger } from './logger.ts';
export {
  type Account,
  type AccountEntry,
  BATCH_MAGIC,
  BATCH_VERSION,
  BatchFormatError,
  EXTRANONCE_BYTES,
  HEADER_BYTES,
  MAX_NAME_BYTES,
  MAX_RECORDS,
  RECORD_BYTES,
  ShareBatchBuilder,
  ShareBatchView,
  type ShareInput,
  type ShareRecord,
  Verdict,
  acceptOnlyStored,
  decodeAccountKey,
  isAccepted,
  isCandidate,
  keepAccepted,
  withWorth,
} from './share-batch.ts';
export type { ShareWorth } from './share-worth.ts';
export {
  type BitcoinTemplate,
  type CryptonoteTemplate,
  type EthashTemplate,
  type KawpowTemplate,
  type PoolTemplate,
  type TemplateHead,
  type TemplateStopped,
  type TemplateUpdate,
  isStopped,
} from './template.ts';
export { type InstancePresence, decodePresence, encodePresence } from './presence.ts';
export { decodeTemplate, encodeTemplate } from './template-codec.ts';
export {
  type ListedPayee,
  MAX_PAYEES,
  type PayeeSnapshot,
  decodePayees,
  encodePayees,
  findPayeeFault,
} from './payees.ts';
export { WireFormatError } from './wire.ts';
export type {
  AppendResult,
  DurableLog,
  LastValueBus,
  LiveEntry,
  LiveReader,
  LiveStream,
  LogEntry,
  PayeeBus,
  ShareValidation,
  Subscription,
  TemplateBus,
} from './ports.ts';
export {
  type MinersTemplate,
  type TemplateVerdict,
  decodeMinersTemplate,
  decodeTemplateVerdict,
  encodeMinersTemplate,
  encodeTemplateVerdict,
} from './miners-template.ts';
export {
  AUDIT_ACTORS,
  AUDIT_OUTCOMES,
  type AuditActor,
  type AuditEvent,
  type AuditTrail,
  AuditUnavailableError,
  auditEventId,
  auditEventSchema,
  cleanAuditEvent,
  decodeAuditEvent,
  encodeAuditEvent,
} from './audit.ts';
export { RefusalTally, type TallyLimits } from './refusal-tally.ts';
export { AppendQueue, type AppendLimits, type PendingAppend } from './log/append-queue.ts';
export { LogError, type LogErrorCode } from './log/errors.ts';
export {
  type BlockEvent,
  type CoinbasePayout,
  blockEventId,
  blockEventSchema,
  decodeBlockEvent,
  encodeBlockEvent,
} from './block-event.ts';
export {
  AUDIT_LOG,
  BLOCKS_LOG,
  CHAIN_STANDING,
  ERROR_HEADER,
  SHARES_LOG,
  Subject,
  EXTRANONCE_BUCKET,
  JOBS_LOG,
  LEASES_BUCKET,
  LIVE_LOG,
  LIVE_SUBJECTS,
  PAYEES_STREAM,
  TEMPLATES_STREAM,
  appendedSubject,
  judgeSubject,
  keptSubject,
  keySubject,
  liveSubject,
  payeesSubject,
  logSubject,
  presenceSubject,
  templateSubject,
  adoptSubject,
  transactionsSubject,
} from './subjects.ts';
export {
  type BalanceSummary,
  type BlockSummary,
  type GatewayStatus,
  type MiningStatus,
  type PoolSummary,
  type Stats,
  type Status,
  type ValidatorStatus,
  type WorkerSummary,
  accountingPoolsSchema,
  balanceSchema,
  blockSchema,
  gatewayStatusSchema,
  miningStatusSchema,
  poolSummarySchema,
  statsSchema,
  statusSchema,
  validatorStatusSchema,
  workerSchema,
} from './queries.ts';
export {
  type BalancesRequest,
  type BlocksRequest,
  MAX_PAGE_ROWS,
  type StatsRequest,
  type WorkersRequest,
  balancesRequestSchema,
  blocksRequestSchema,
  statsRequestSchema,
  workersRequestSchema,
} from './query-requests.ts';
export {
  type LoggedShare,
  type ReceiptSummary,
  type ReceiptsRequest,
  type ShareProofReply,
  type ShareProofRequest,
  type ShareProofSummary,
  type SharesRequest,
  loggedShareSchema,
  receiptSchema,
  receiptsRequestSchema,
  shareProofReplySchema,
  shareProofRequestSchema,
  shareProofSchema,
  sharesRequestSchema,
} from './receipts.ts';
export {
  type Statement,
  type StatementRequest,
  type Valuation,
  statementRequestSchema,
  statementSchema,
} from './statement.ts';
export {
  type Settlement,
  type SettlementRequest,
  settlementRequestSchema,
  settlementSchema,
  settlementsSchema,
} from './settlement.ts';
export {
  type ApiStatus,
  type LiveFrame,
  type LiveSection,
  type StatusPart,
  apiStatusSchema,
  liveFrameSchema,
  statusPartSchema,
} from './live.ts';
export {
  type PayoutWishReply,
  type PayoutWishRequest,
  payoutWishReplySchema,
  payoutWishSchema,
  signedWishSchema,
} from './payout-wish.ts';
export {
  type ChainStanding,
  type ChainStandingRequest,
  chainStandingRequestSchema,
  chainStandingSchema,
} from './chain-standing.ts';
