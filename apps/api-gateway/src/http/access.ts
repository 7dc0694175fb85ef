/**
 * What the headers of a request say about who sent it, and from where: keys, cookies aside; the name by which this
 * host was reached; the page that asked.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

import type { FastifyRequest } from 'fastify';

/** What is asked of a request to know who sent it: one of Fastify's has it, and so has an upgrade (`upgrade.ts`). */
export type Asked = Pick<FastifyRequest, 'headers' | 'host' | 'ip' | 'method' | 'protocol'>;

const BEARER = /^Bearer +(\S+)$/i;

/** The key or token of a request: `Authorization: Bearer` or `X-API-Key`. */
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

/** Something stands between, and the Host header may be its own. */
export const isForwarded = (headers: IncomingHttpHeaders): boolean =>
  ['forwarded', 'via'].some((name) => headers[name] !== undefined) ||
  Object.keys(headers).some((name) => name.startsWith('x-forwarded-') || name === 'x-real-ip');

export interface Addressed {
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
}

/** True for a request that no browser sent, and for one of a page that this host served. */
export function isSameOrigin({ origin, host }: Addressed): boolean {
  if (origin === undefined) return true;
  return URL.canParse(origin) && host !== undefined && new URL(origin).host === host.toLowerCase();
}

/** The browser itself says that a page of ours asked. */
export const isProvenSameOrigin = (headers: IncomingHttpHeaders, host: string): boolean =>
  headers.origin === undefined
    ? headers['sec-fetch-site'] === 'same-origin'
    : isSameOrigin({ origin: headers.origin, host });
