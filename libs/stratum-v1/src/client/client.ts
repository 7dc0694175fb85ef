export { LineDecoder } from '../codec/line-decoder.ts';
export { createClientState, stepClient } from './step.ts';
export { mayFollow } from './parse.ts';
export { MAX_POOL_LINE_BYTES } from './limits.ts';
export type {
  ClientEffect,
  ClientEvent,
  ClientOptions,
  ClientShare,
  ClientState,
  ClientStep,
  ClientWork,
  CloseReason,
  PoolFault,
  ShareOutcome,
} from './types.ts';
