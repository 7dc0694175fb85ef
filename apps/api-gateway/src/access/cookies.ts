/**
 * The cookies of a browser that has logged in. Out of reach of scripts, never sent from another site; over TLS with the
 * prefix that binds them to this host, so that neither a neighbour nor plain HTTP can plant one.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Asked } from '../http/access.ts';

export const COOKIES = ['access', 'refresh', 'device'] as const;
export type CookieName = (typeof COOKIES)[number];

/** More is not of ours; a device token is the longest of them. */
const MAX_COOKIE_HEADER_CHARS = 8_192;

const isSecure = (request: Pick<Asked, 'protocol'>): boolean => request.protocol === 'https';

const nameOf = (request: Pick<Asked, 'protocol'>, name: CookieName): string =>
  `${isSecure(request) ? '__Host-' : ''}otedama_${name}`;

/** Where a name comes twice, somebody has planted one: neither is taken. */
export function readCookie(
  request: Pick<Asked, 'headers' | 'protocol'>,
  name: CookieName,
): string | undefined {
  const { cookie } = request.headers;
  if (cookie === undefined || cookie.length > MAX_COOKIE_HEADER_CHARS) return undefined;
  const wanted = `${nameOf(request, name)}=`;
  const found = cookie
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(wanted));
  return found.length === 1 ? found[0]?.slice(wanted.length) : undefined;
}

const serialize = (request: FastifyRequest, name: CookieName, value: string, maxAgeSeconds: number): string =>
  [
    `${nameOf(request, name)}=${value}`,
    `Max-Age=${maxAgeSeconds}`,
    'Path=/',
    'HttpOnly',
    'SameSite=Strict',
    ...(isSecure(request) ? ['Secure'] : []),
  ].join('; ');

export interface Cookie {
  readonly name: CookieName;
  readonly value: string;
  readonly lifeMs: number;
}

export const setCookies = (
  request: FastifyRequest,
  reply: FastifyReply,
  cookies: readonly Cookie[],
): void => {
  const lines = cookies.map(({ name, value, lifeMs }) =>
    serialize(request, name, value, Math.max(0, Math.floor(lifeMs / 1_000))),
  );
  void reply.header('set-cookie', lines);
};

/** The device stays known. */
export const clearSession = (request: FastifyRequest, reply: FastifyReply): void =>
  setCookies(request, reply, [
    { name: 'access', value: '', lifeMs: 0 },
    { name: 'refresh', value: '', lifeMs: 0 },
  ]);
