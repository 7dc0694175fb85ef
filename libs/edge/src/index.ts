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
export { PrefixMap, PrefixSet } from './prefix-map.ts';
export { type Budget, TokenBuckets } from './token-buckets.ts';
