export { type AuxBlock, type AuxDaemon, type AuxDaemonOptions, createAuxDaemon } from './aux-daemon.ts';
export { type BitcoinDaemonOptions, createBitcoinDaemon } from './bitcoin-daemon.ts';
export type { BlockIncome, Daemon, Seal, SealedBlock, TemplateRequest, UncleInclusion } from './daemon.ts';
export type { TipSource } from './daemon-member.ts';
export {
  type Availability,
  createDaemonSet,
  type DaemonSet,
  type DaemonSetDeps,
  type DaemonSetOptions,
  type DaemonStatus,
  type TipEvent,
} from './daemon-set.ts';
export { DaemonError, type DaemonErrorCode, isDaemonError } from './errors.ts';
export { createEthashDaemon, type EthashDaemonDeps, type EthashDaemonOptions } from './ethash-daemon.ts';
export type { EthashSolution, EthashWork } from './ethash-replies.ts';
export type { DaemonState } from './health.ts';
export { createMoneroDaemon, type MoneroDaemonOptions } from './monero-daemon.ts';
export type { OpenWebSocket, WebSocketLike } from './new-heads.ts';
export type { BlockHeaderInfo, ChainInfo, TemplateReply } from './replies.ts';
export type { DaemonDeps } from './rpc-connection.ts';
export type { SubmitResult } from './submit-result.ts';
export { backoffMs, pause, systemTimers, type Timers } from './timers.ts';
export { type TipFeed, TipFeedError, type TipFeedSource, type TipSubscription } from './tip-feed.ts';
