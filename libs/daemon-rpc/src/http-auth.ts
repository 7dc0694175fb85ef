/**
 * Logins over HTTP: Basic, and Digest as monerod's `--rpc-login` wants it (RFC 7616 with MD5 and `qop=auth`, the
 * only algorithm that monerod has). Pure: the transport keeps the challenge and counts its uses.
 */
import { createHash } from 'node:crypto';

export type HttpLogin =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'basic' | 'digest';
      readonly user: string;
      /** Revealed for each request: a cookie file holds a new password after each start of the daemon. */
      readonly password: { reveal(): string };
    };

export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
}

export interface DigestUse {
  readonly method: string;
  /** Path and query, as in the request line. */
  readonly uri: string;
  /** 1 for the first request with this nonce. */
  readonly count: number;
  readonly clientNonce: string;
}

/** More challenges, or longer ones, are of no server that we know. */
const MAX_CHALLENGE_CHARS = 1_024;
const PARAMETER = /([a-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi;

const parametersOf = (challenge: string): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  for (const [, name = '', quoted, token] of challenge.matchAll(PARAMETER)) {
    const key = name.toLowerCase();
    // Of several challenges in one header the first counts.
    if (!found.has(key)) found.set(key, quoted?.replace(/\\(.)/g, '$1') ?? token ?? '');
  }
  return found;
};

/** The first challenge that can be answered, from the values of `WWW-Authenticate`. */
export const parseDigestChallenge = (headers: readonly string[]): DigestChallenge | undefined => {
  for (const header of headers) {
    if (header.length > MAX_CHALLENGE_CHARS || !/^\s*digest\s/i.test(header)) continue;
    const parameters = parametersOf(header);
    const algorithm = parameters.get('algorithm') ?? 'MD5';
    const qops = (parameters.get('qop') ?? '').split(',').map((qop) => qop.trim().toLowerCase());
    const [realm, nonce] = [parameters.get('realm'), parameters.get('nonce')];
    if (algorithm.toUpperCase() !== 'MD5' || !qops.includes('auth')) continue;
    if (realm !== undefined && nonce !== undefined) return { realm, nonce, opaque: parameters.get('opaque') };
  }
  return undefined;
};

const md5 = (text: string): string => createHash('md5').update(text, 'utf8').digest('hex');
const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** The value of `Authorization`. */
export const digestAuthorization = (
  { realm, nonce, opaque }: DigestChallenge,
  { user, password }: { readonly user: string; readonly password: string },
  { method, uri, count, clientNonce }: DigestUse,
): string => {
  const nc = count.toString(16).padStart(8, '0');
  const secret = md5(`${user}:${realm}:${password}`);
  const response = md5(`${secret}:${nonce}:${nc}:${clientNonce}:auth:${md5(`${method}:${uri}`)}`);
  const fields = [
    `username=${quote(user)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(uri)}`,
    'algorithm=MD5',
    'qop=auth',
    `nc=${nc}`,
    `cnonce=${quote(clientNonce)}`,
    `response="${response}"`,
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
  ];
  return `Digest ${fields.join(', ')}`;
};

export const basicAuthorization = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
