/**
 * What pools send, from unknown to typed. Lenient in shape (real pools differ in all of it), strict in
 * content: hex is hex, lengths fit. Undefined means unusable.
 */
import { parseHex32 } from '../hex.ts';
import {
  MAX_BRANCH_LEVELS,
  MAX_EXTRANONCE_BYTES,
  MAX_JOB_ID_CHARS,
  MAX_POOL_TEXT_CHARS,
  MAX_RECONNECT_WAIT_MS,
} from './limits.ts';
import type { Extranonce, NotifiedJob } from './types.ts';

const HEX = /^(?:[0-9a-f]{2})*$/i;
const HASH_BYTES = 32;

const parseBytes = (value: unknown): Buffer | undefined =>
  typeof value === 'string' && HEX.test(value) ? Buffer.from(value, 'hex') : undefined;

const parseHash = (value: unknown): Buffer | undefined => {
  const bytes = parseBytes(value);
  return bytes?.length === HASH_BYTES ? bytes : undefined;
};

const parseBranch = (value: unknown): readonly Buffer[] | undefined => {
  if (!Array.isArray(value) || value.length > MAX_BRANCH_LEVELS) return undefined;
  const branch = value.map(parseHash);
  return branch.every((hash) => hash !== undefined) ? branch : undefined;
};

/** One printable line, for logs and people. */
export const cleanText = (value: unknown): string =>
  (typeof value === 'string' ? value : '')
    .slice(0, MAX_POOL_TEXT_CHARS)
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim();

export const parseNotify = (params: unknown): NotifiedJob | undefined => {
  if (!Array.isArray(params)) return undefined;
  const [jobId, prevHashText, prefixText, suffixText, branchValue, versionText, bitsText, timeText, clean] =
    params as unknown[];
  if (typeof jobId !== 'string' || jobId === '' || jobId.length > MAX_JOB_ID_CHARS) return undefined;
  const prevHash = parseHash(prevHashText)?.swap32();
  const coinbasePrefix = parseBytes(prefixText);
  const coinbaseSuffix = parseBytes(suffixText);
  const merkleBranch = parseBranch(branchValue);
  const [version, bits, nTime] = [parseHex32(versionText), parseHex32(bitsText), parseHex32(timeText)];
  if (prevHash === undefined || coinbasePrefix === undefined || coinbaseSuffix === undefined)
    return undefined;
  if (merkleBranch === undefined || version === undefined || bits === undefined || nTime === undefined)
    return undefined;
  return {
    jobId,
    prevHash,
    coinbasePrefix,
    coinbaseSuffix,
    merkleBranch,
    version,
    bits,
    nTime,
    clean: clean !== false,
  };
};

export const parseExtranonce = (extranonce1Text: unknown, size: unknown): Extranonce | undefined => {
  const extranonce1 = parseBytes(extranonce1Text);
  if (extranonce1 === undefined || typeof size !== 'number' || !Number.isInteger(size) || size < 1)
    return undefined;
  if (extranonce1.length + size > MAX_EXTRANONCE_BYTES) return undefined;
  return { extranonce1, extranonce2Size: size };
};

/** The id beside `mining.notify`: a list of pairs, or the one pair itself. */
const parseSessionId = (subscriptions: unknown): string | undefined => {
  if (!Array.isArray(subscriptions)) return undefined;
  const pairs = (Array.isArray(subscriptions[0]) ? subscriptions : [subscriptions]) as unknown[];
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair[0] !== 'mining.notify') continue;
    const id: unknown = pair[1];
    if (typeof id === 'string' && id !== '' && id.length <= MAX_JOB_ID_CHARS) return id;
  }
  return undefined;
};

export const parseSubscribed = (
  result: unknown,
): { readonly extranonce: Extranonce; readonly sessionId: string | undefined } | undefined => {
  if (!Array.isArray(result)) return undefined;
  const [subscriptions, extranonce1, size] = result as unknown[];
  const extranonce = parseExtranonce(extranonce1, size);
  return extranonce && { extranonce, sessionId: parseSessionId(subscriptions) };
};

/** The granted mask; 0 when the pool grants none. */
export const parseConfigured = (result: unknown): number => {
  if (typeof result !== 'object' || result === null) return 0;
  const { 'version-rolling': granted, 'version-rolling.mask': mask } = result as Record<string, unknown>;
  return granted === true ? (parseMask(mask) ?? 0) : 0;
};

/** Some pools leave leading zeros out. */
export const parseMask = (value: unknown): number | undefined =>
  typeof value === 'string' && value !== '' ? parseHex32(value.padStart(8, '0')) : undefined;

export const parseDifficulty = (value: unknown): number | undefined => {
  const difficulty = typeof value === 'string' ? Number(value) : value;
  return typeof difficulty === 'number' && Number.isFinite(difficulty) && difficulty > 0
    ? difficulty
    : undefined;
};

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

/** For the statistics only: pools that send no codes say it in words. */
export const isStale = ({ code, text }: PoolError): boolean =>
  code === STALE_CODE || (code === undefined && /\bstale\b|job not found/i.test(text));

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
