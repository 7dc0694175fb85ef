/**
 * Who asks for something that is not public. With a key configured: whoever presents it. Without one: only pages and tools
 * that reach the API by an IP address or `localhost`, because a name can be pointed here by somebody else's
 * web page (DNS rebinding). In both cases a browser must come from our own origin.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

import type { ApiConfig } from '@otedama/config';

import type { Identity } from './identity.ts';
import { ProblemError } from './problem.ts';

/** Rejects with the problem that says why nobody is known by these headers. */
export type Authenticate = (headers: IncomingHttpHeaders) => Promise<Identity>;

export class ApiKeyMissingError extends Error {
  override readonly name = 'ApiKeyMissingError';
  readonly code = 'API_KEY_MISSING';
}

const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();

const BEARER = /^Bearer +(\S+)$/i;

/** The key of a request: `Authorization: Bearer` or `X-API-Key`. */
export function presentedKey(headers: IncomingHttpHeaders): string | undefined {
  const bearer = BEARER.exec(headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  const header = headers['x-api-key'];
  return typeof header === 'string' ? header : undefined;
}

const hostnameOf = (host: string): string | undefined => {
  const url = `http://${host}`;
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : undefined;
};

/** A Host header that no foreign DNS record can produce. */
export function isUnspoofableHost(host: string | undefined): boolean {
  const name = hostnameOf(host ?? '');
  return name !== undefined && (name === 'localhost' || isIP(name) !== 0);
}

/** True for a request that no browser sent, and for one of a page that this host served. */
export function isSameOrigin(headers: IncomingHttpHeaders): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return true;
  return URL.canParse(origin) && host !== undefined && new URL(origin).host === host.toLowerCase();
}

const LOCAL: Identity = { kind: 'local', id: 'local', name: 'local', role: 'operator' };
const CONFIGURED: Identity = { kind: 'key', id: 'api_key', name: 'api.api_key', role: 'admin' };

const localIdentity = (headers: IncomingHttpHeaders): Identity => {
  if (isUnspoofableHost(headers.host)) return LOCAL;
  throw new ProblemError('forbidden', {
    detail: 'Without an API key, this is allowed by IP address or localhost only.',
  });
};

export function createAuthenticator(auth: ApiConfig['auth']): Authenticate {
  if (auth.enabled && auth.apiKey === undefined) {
    throw new ApiKeyMissingError('api.auth is enabled but no api_key is configured');
  }
  const expected = auth.enabled && auth.apiKey !== undefined ? digest(auth.apiKey.reveal()) : undefined;
  return async (headers) => {
    if (!isSameOrigin(headers)) {
      throw new ProblemError('forbidden', { detail: 'A page of another origin may not do this.' });
    }
    if (expected === undefined) return localIdentity(headers);
    const key = presentedKey(headers);
    // Digests have one length and hide where two keys begin to differ.
    if (key !== undefined && timingSafeEqual(digest(key), expected)) return CONFIGURED;
    throw new ProblemError('unauthorized', {
      detail: key === undefined ? 'Send it as "Authorization: Bearer" or "X-API-Key".' : 'Not this key.',
      headers: { 'www-authenticate': 'Bearer realm="otedama"' },
    });
  };
}
