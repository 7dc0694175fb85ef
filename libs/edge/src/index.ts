export {
  ADMISSION_REFUSALS,
  Admission,
  type AdmissionLimits,
  type AdmissionRefusal,
} from './admission/admission.ts';
export type { Guest, ShedReason, WorkerRefusal } from './admission/guest.ts';
export { type IpAddress, formatIpAddress, isIpv4, parseIpAddress } from './address.ts';
export {
  type Prefix,
  clientKey,
  clientPrefix,
  formatPrefix,
  parsePrefix,
  prefixOf,
  siteKey,
  sitePrefix,
} from './prefix.ts';
export { Pace, type PaceRates } from './pace.ts';
export { MAX_PROXY_HEADER_BYTES, decodeProxyHeader } from './proxy-protocol/decode.ts';
export type { ProxyFault, ProxyHeader } from './proxy-protocol/header.ts';
export { PrefixMap, PrefixSet } from './prefix-map.ts';
export { type Budget, TokenBuckets } from './token-buckets.ts';
export { BanLadder, type BanLadderOptions } from './ban-ladder.ts';
export { AddressConduct, Conduct, ConductBook, type ConductLevel, type ConductLimits } from './conduct.ts';
export { VerificationCredit, type VerificationLimits } from './verification-credit.ts';
