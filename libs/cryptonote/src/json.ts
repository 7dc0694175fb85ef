/** Checks for values of monerod's JSON: half trusted, but of any version. */
import { isHex } from './bytes.ts';

export type JsonRecord = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isHash = (value: unknown): value is string => isHex(value) && value.length === 64;

export const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

/**
 * 128 bits in hex after 0x. The plain `difficulty` beside it is cut to 64 bits, and JSON readers
 * lose digits of it from 2^53 on.
 */
export const parseWideDifficulty = (value: unknown): bigint | undefined => {
  if (typeof value !== 'string' || !/^0x[0-9a-f]{1,32}$/i.test(value)) return undefined;
  const difficulty = BigInt(value);
  return difficulty === 0n ? undefined : difficulty;
};
