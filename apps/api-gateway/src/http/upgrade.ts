/**
 * An upgrade of a connection as the rest of the API sees a request: Fastify makes none of it. Of proxies it believes
 * what Fastify believes: what the trusted one next to us says of the one that it was asked by.
 */
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';

import type { Asked } from './access.ts';

/** False: no proxy is. */
export type Trust = false | ((address: string) => boolean);

const lastOf = (header: string | readonly string[] | undefined): string | undefined =>
  (typeof header === 'string' ? header : header?.join(','))?.split(',').at(-1)?.trim();

/** The last address that no trusted proxy has. */
function addressOf({ headers, socket }: IncomingMessage, trust: Trust): string {
  const own = socket.remoteAddress ?? '';
  if (trust === false) return own;
  const forwarded = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const [first = own] = forwarded;
  return [own, ...forwarded.toReversed()].find((address) => !trust(address)) ?? first;
}

export function askedBy(message: IncomingMessage, trust: Trust): Asked {
  const { headers, socket } = message;
  const isTrusted = trust !== false && trust(socket.remoteAddress ?? '');
  const host = isTrusted ? lastOf(headers['x-forwarded-host']) : undefined;
  const protocol = isTrusted ? lastOf(headers['x-forwarded-proto']) : undefined;
  return {
    headers,
    host: host ?? headers.host ?? '',
    ip: addressOf(message, trust),
    method: 'GET',
    protocol: (protocol ?? (socket instanceof TLSSocket ? 'https' : 'http')) === 'https' ? 'https' : 'http',
  };
}
