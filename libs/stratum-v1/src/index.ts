export { type DecodedLine, LineDecoder, type LineViolation } from './codec/line-decoder.ts';
export {
  type InvalidMessage,
  type Message,
  type MessageFault,
  type Reply,
  type Request,
  decodeMessage,
} from './codec/message.ts';
export { EXTRANONCE1_BYTES, MAX_LINE_BYTES, MAX_PENDING_REPLIES } from './limits.ts';
export { encodeHex, formatHex32, parseHex32 } from './hex.ts';
export { type RejectLevel, type RejectReason, SHARE_REJECTS, type ShareReject, rejects } from './rejects.ts';
export { type ShareTarget, ShareTargets } from './jobs/targets.ts';
export { Work, type WorkTemplate, formatJobId, parseJobId, stratumPrevHash } from './jobs/work.ts';
export { WorkBook } from './jobs/work-book.ts';
export { grantMask, rollVersion } from './version-rolling.ts';
export {
  type Login,
  type ParsedLogin,
  type PasswordOptions,
  parseLogin,
  parsePassword,
} from './credentials.ts';
export { type VardiffOptions } from './vardiff.ts';
export type {
  Account,
  AddressCheck,
  CloseReason,
  Effect,
  Estate,
  Lease,
  Session,
  SessionEnv,
  SessionEvent,
  ShareOutcome,
  SubmittedShare,
} from './session/types.ts';
export { createSession, estateOf, step } from './session/step.ts';
