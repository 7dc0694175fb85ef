/**
 * Secrets that machines keep: API keys and refresh tokens. 256 random bits each, told once, kept as SHA-256: there is
 * nothing to guess that a slow hash would have to protect. The prefix tells scanners of leaked secrets what it is.
 */
import { hash } from 'node:crypto';

export const SECRET_BYTES = 32;
/** Characters of a key that may be shown, to tell it from others. */
const SHOWN_CHARS = 8;
const KEY_PREFIX = 'otedama_key_';
const REFRESH_PREFIX = 'otedama_refresh_';
const SECRET = /^[\w-]{43}$/;

export const digestOf = (text: string): Buffer => hash('sha256', text, 'buffer');

const isToken = (prefix: string, text: string): boolean =>
  text.startsWith(prefix) && SECRET.test(text.slice(prefix.length));

export const formatApiKey = (bytes: Buffer): string => KEY_PREFIX + bytes.toString('base64url');
export const isApiKey = (text: string): boolean => isToken(KEY_PREFIX, text);
/** The beginning of a key, which says nothing of the rest. */
export const shownPart = (key: string): string => key.slice(0, KEY_PREFIX.length + SHOWN_CHARS);

export const formatRefreshToken = (bytes: Buffer): string => REFRESH_PREFIX + bytes.toString('base64url');
export const isRefreshToken = (text: string): boolean => isToken(REFRESH_PREFIX, text);
