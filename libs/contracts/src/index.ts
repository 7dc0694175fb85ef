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
  isAccepted,
  isCandidate,
  keepAccepted,
} from './share-batch.ts';
export { type PoolTemplate, type TemplateStopped, type TemplateUpdate, isStopped } from './template.ts';
export type {
  AppendResult,
  DurableLog,
  LastValueBus,
  LogEntry,
  ShareValidation,
  Subscription,
  TemplateBus,
} from './ports.ts';
export { type BlockEvent, blockEventSchema, decodeBlockEvent, encodeBlockEvent } from './block-event.ts';
export { BLOCKS_LOG, SHARES_LOG, Subject, templateSubject } from './subjects.ts';
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
  type ApiStatus,
  type LiveFrame,
  type LiveSection,
  type StatusPart,
  apiStatusSchema,
  liveFrameSchema,
  statusPartSchema,
} from './live.ts';
