export { type DecodedLine, LineDecoder, type LineViolation } from './line-decoder.ts';
export {
  type InvalidMessage,
  type Message,
  type MessageFault,
  type Reply,
  type Request,
  decodeMessage,
} from './message.ts';
export {
  MAX_AGENT_CHARS,
  MAX_CACHED_TARGETS,
  MAX_ID_CHARS,
  MAX_JOBS_PER_SESSION,
  MAX_LINE_BYTES,
  MAX_LIVE_WORKS,
  MAX_OFFENCES,
  MAX_PENDING_REPLIES,
  MAX_REMEMBERED_SHARES,
  MAX_RETIRED_WORKS,
  MAX_SESSION_ID_CHARS,
  MAX_WORKERS_PER_SESSION,
  OFFENCE_CREDIT,
} from './limits.ts';
export { decodeHexInto, encodeHex, formatHex32, parseHex32 } from './hex.ts';
export { type RejectLevel, type RejectReason, SHARE_REJECTS, type ShareReject, rejects } from './rejects.ts';
export { NONCE64_BYTES, type Nonce64, hasPrefix, joinNonce64, parseHash32, parseNonce64 } from './nonce64.ts';
export { type JobId, MAX_VARIANT, formatJobId, parseJobId } from './job-id.ts';
export { type ShareTarget, ShareTargets } from './share-targets.ts';
export { ShareHistory, type ShareKey, shareKey } from './share-history.ts';
export { ReplyQueue } from './reply-queue.ts';
export { WorkBook } from './work-book.ts';
export {
  type Login,
  type ParsedLogin,
  type PasswordOptions,
  parseLogin,
  parsePassword,
} from './credentials.ts';
export {
  type Vardiff,
  type VardiffOptions,
  setCeiling,
  setFloor,
  startDifficulty,
  startWindow,
  suggestDifficulty,
} from './vardiff.ts';
export type {
  Account,
  AddressCheck,
  CloseReason,
  CoreEnv,
  Dialect,
  Effect,
  Estate,
  Lease,
  MinerSession,
  PendingShare,
  SessionCore,
  SessionEvent,
  ShareOutcome,
  SubmittedShare,
  TemplateHead,
  TemplateOutcome,
  Wording,
} from './session.ts';
export { fitsAgent } from './agent-pattern.ts';
export { checkTime, createCore, estateOf } from './core.ts';
export { type CheckedShare, isUnproven, rejectShare, settleShare, submitShare } from './share-flow.ts';
export { type Admission, admit, applyPassword, printableAgent } from './login.ts';
export { type Turn, answer, charge, close, refuse, reserveReply, send, settleReply, tell } from './turn.ts';
