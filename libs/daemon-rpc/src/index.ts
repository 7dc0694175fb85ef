export {
  type BitcoinDaemon,
  type BitcoinDaemonOptions,
  createBitcoinDaemon,
  type TemplateRequest,
} from './bitcoin-daemon.ts';
export type { TipSource } from './daemon-member.ts';
export {
  type Availability,
  createDaemonSet,
  type DaemonSet,
  type DaemonSetDeps,
  type DaemonSetMember,
  type DaemonSetOptions,
  type DaemonStatus,
  type TipEvent,
} from './daemon-set.ts';
export { DaemonError, type DaemonErrorCode, isDaemonError } from './errors.ts';
export type { DaemonState } from './health.ts';
export type { BlockHeaderInfo, ChainInfo, TemplateReply } from './replies.ts';
export type { SubmitResult } from './submit-result.ts';
export { backoffMs, pause, systemTimers, type Timers } from './timers.ts';
export { subscribeHashBlock, ZmqError } from './zmq.ts';
