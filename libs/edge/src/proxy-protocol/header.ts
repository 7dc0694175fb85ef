/** What a beginning of a connection can be to who expects a PROXY header. */
import type { IpAddress } from '../address.ts';

export type ProxyFault =
  | 'unknown-version'
  | 'unknown-command'
  | 'unknown-protocol'
  | 'bad-address'
  | 'bad-port'
  | 'bad-line-end'
  | 'bad-length'
  | 'too-long';

/** `length`: bytes of the header. */
export type ProxyHeader =
  | { readonly kind: 'need-more' }
  /** The connection is that of somebody behind the proxy. */
  | { readonly kind: 'proxied'; readonly source: IpAddress; readonly length: number }
  /** The header names nobody: the connection is the proxy's own, as a look at our health is. */
  | { readonly kind: 'own'; readonly length: number }
  /** The bytes are the beginning of something else. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'invalid'; readonly fault: ProxyFault };

export const needMore: ProxyHeader = { kind: 'need-more' };
export const absent: ProxyHeader = { kind: 'absent' };
export const own = (length: number): ProxyHeader => ({ kind: 'own', length });
export const invalid = (fault: ProxyFault): ProxyHeader => ({ kind: 'invalid', fault });
