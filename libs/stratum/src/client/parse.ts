/**
 * What pools send in any dialect, from unknown to typed. Lenient in shape (real pools differ in all of it),
 * strict in content: hex is hex, lengths fit. Undefined means unusable.
 */
import { encodeHex } from '../hex.ts';
import {
  MAX_JOB_ID_CHARS,
  MAX_NONCE_PREFIX_BYTES,
  MAX_POOL_TEXT_CHARS,
  MAX_RECONNECT_WAIT_MS,
} from './limits.ts';
import type { PrefixedNonces } from './types.ts';

const HEX = /^(?:[0-9a-f]{2})*$/i;
const HASH_DIGITS = /^[0-9a-f]{64}$/i;

export const parseBytes = (value: unknown): Buffer | undefined =>
  typeof value === 'string' && HEX.test(value) ? Buffer.from(value, 'hex') : undefined;

/** One printable line, for logs and people. */
export const cleanText = (value: unknown): string =>
  (typeof value === 'string' ? value : '')
    .slice(0, MAX_POOL_TEXT_CHARS)
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim();

/** Job ids and session ids: text that is sent back as it came. */
export const parseName = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= MAX_JOB_ID_CHARS ? value : undefined;

export const parseDifficulty = (value: unknown): number | undefined => {
  const difficulty = typeof value === 'string' ? Number(value) : value;
  return typeof difficulty === 'number' && Number.isFinite(difficulty) && difficulty > 0
    ? difficulty
    : undefined;
};

const withoutPrefix = (text: string): string => (/^0x/i.test(text) ? text.slice(2) : text);

/** 64 digits, most significant first, with or without `0x`. One that lost its leading zeros is refused. */
export const parseTarget = (value: unknown): bigint | undefined => {
  const digits = typeof value === 'string' ? withoutPrefix(value) : '';
  if (!HASH_DIGITS.test(digits)) return undefined;
  const target = BigInt(`0x${digits}`);
  return target === 0n ? undefined : target;
};

/** The first bytes of a 64-bit nonce, the pool's part; with or without `0x`. */
export const parseNoncePrefix = (value: unknown): Uint8Array | undefined => {
  const bytes = typeof value === 'string' ? parseBytes(withoutPrefix(value)) : undefined;
  return bytes !== undefined && bytes.length <= MAX_NONCE_PREFIX_BYTES ? bytes : undefined;
};

const NONCE_BITS = 64;
/** An end is exclusive and has to be a 64-bit number: the very last nonce is nobody's. */
const NONCE_END = (1n << 64n) - 1n;

export const noncesBehind = (noncePrefix: Uint8Array): PrefixedNonces => {
  const bits = BigInt(NONCE_BITS - 8 * noncePrefix.length);
  const number = BigInt(`0x0${encodeHex(noncePrefix)}`);
  const end = (number + 1n) << bits;
  return { noncePrefix, firstNonce: number << bits, endNonce: end > NONCE_END ? NONCE_END : end };
};

/** 16 digits, most significant first. */
export const formatNonce64 = (nonce: bigint): string => nonce.toString(16).padStart(NONCE_BITS / 4, '0');

export interface PoolError {
  readonly code: number | undefined;
  readonly text: string;
}

/** `[21, "Job not found", null]`, `{code, message}` and `"Stale"` are all seen. */
export const parseError = (error: unknown): PoolError => {
  if (typeof error !== 'object' || error === null) return { code: undefined, text: cleanText(error) };
  const { code, message } = Array.isArray(error)
    ? { code: error[0] as unknown, message: error[1] as unknown }
    : (error as { code?: unknown; message?: unknown });
  return { code: typeof code === 'number' ? code : undefined, text: cleanText(message) };
};

const STALE_CODE = 21;
const STALE_WORDS = /\bstale\b|job not found|invalid job id|job is too old|(?:block|job) expired/i;

/** For the statistics only: pools that have no code of its own for it say it in words. */
export const isStale = ({ code, text }: PoolError): boolean => code === STALE_CODE || STALE_WORDS.test(text);

export const parseReconnect = (
  params: unknown,
): { readonly host: string | undefined; readonly port: number | undefined; readonly waitMs: number } => {
  const [hostValue, portValue, waitValue] = (Array.isArray(params) ? params : []) as unknown[];
  const host =
    typeof hostValue === 'string' && /^[a-z0-9.:_-]{1,253}$/i.test(hostValue) ? hostValue : undefined;
  const port = Number(portValue);
  const waitS = Number(waitValue);
  return {
    host,
    port: Number.isInteger(port) && port > 0 && port <= 65_535 ? port : undefined,
    waitMs: waitS > 0 ? Math.min(waitS * 1000, MAX_RECONNECT_WAIT_MS) : 0,
  };
};

/**
 * The name without its first label, where that is still somebody's own: not for addresses, nor directly under
 * a top-level domain, nor under the likes of `co.uk` and `com.br`.
 */
const parentDomain = (host: string): string | undefined => {
  const [, second = '', ...rest] = host.toLowerCase().split('.');
  const last = rest.at(-1);
  if (last === undefined || /^\d+$|:/.test(last)) return undefined;
  return rest.length === 1 && second.length <= 3 ? undefined : [second, ...rest].join('.');
};

/**
 * Whether client.reconnect may lead from one host to another: a connection in plain text can be written to by
 * anyone on its way, who would send the miners to himself. Within one domain it is the operator's own doing.
 */
export const mayFollow = (from: string, to: string | undefined): boolean => {
  if (to === undefined || to.toLowerCase() === from.toLowerCase()) return true;
  const domain = parentDomain(from);
  return domain !== undefined && domain === parentDomain(to);
};
