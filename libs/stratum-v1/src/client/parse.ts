/**
 * What pools of this dialect send, from unknown to typed. Lenient in shape (real pools differ in all of it),
 * strict in content: hex is hex, lengths fit. Undefined means unusable.
 */
import { parseHex32 } from '@otedama/stratum';
import { type CoinbaseTask, parseBytes, parseName } from '@otedama/stratum/client';
import { MAX_BRANCH_LEVELS, MAX_EXTRANONCE_BYTES } from './limits.ts';

/** A job as mining.notify gives it. */
export interface NotifiedJob {
  readonly jobId: string;
  readonly clean: boolean;
  readonly header: Omit<CoinbaseTask, 'kind' | 'extranonce1' | 'extranonce2Size' | 'versionMask'>;
}

export interface Extranonce {
  readonly extranonce1: Uint8Array;
  readonly extranonce2Size: number;
}

const HASH_BYTES = 32;

const parseHash = (value: unknown): Buffer | undefined => {
  const bytes = parseBytes(value);
  return bytes?.length === HASH_BYTES ? bytes : undefined;
};

const parseBranch = (value: unknown): readonly Buffer[] | undefined => {
  if (!Array.isArray(value) || value.length > MAX_BRANCH_LEVELS) return undefined;
  const branch = value.map(parseHash);
  return branch.every((hash) => hash !== undefined) ? branch : undefined;
};

export const parseNotify = (params: unknown): NotifiedJob | undefined => {
  if (!Array.isArray(params)) return undefined;
  const [idValue, prevHashText, prefixText, suffixText, branchValue, versionText, bitsText, timeText, clean] =
    params as unknown[];
  const jobId = parseName(idValue);
  const prevHash = parseHash(prevHashText)?.swap32();
  const coinbasePrefix = parseBytes(prefixText);
  const coinbaseSuffix = parseBytes(suffixText);
  const merkleBranch = parseBranch(branchValue);
  const [version, bits, nTime] = [parseHex32(versionText), parseHex32(bitsText), parseHex32(timeText)];
  if (jobId === undefined || prevHash === undefined) return undefined;
  if (coinbasePrefix === undefined || coinbaseSuffix === undefined || merkleBranch === undefined)
    return undefined;
  if (version === undefined || bits === undefined || nTime === undefined) return undefined;
  const header = { coinbasePrefix, coinbaseSuffix, merkleBranch, prevHash, version, nTime, bits };
  return { jobId, clean: clean !== false, header };
};

export const parseExtranonce = ([extranonce1Text, size]: readonly unknown[]): Extranonce | undefined => {
  const extranonce1 = parseBytes(extranonce1Text);
  if (extranonce1 === undefined || typeof size !== 'number' || !Number.isInteger(size) || size < 1)
    return undefined;
  if (extranonce1.length + size > MAX_EXTRANONCE_BYTES) return undefined;
  return { extranonce1, extranonce2Size: size };
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
