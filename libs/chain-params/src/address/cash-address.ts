/**
 * CashAddr strings (Bitcoin Cash's own format, a 40-bit checksum over bech32's alphabet) without any meaning
 * given to their type.
 */
import { bytesFromWords, wordsFromBytes } from '../bech32.ts';

export interface CashAddress {
  /** Lower case. */
  readonly prefix: string;
  /** 0 to 15. */
  readonly type: number;
  readonly hash: Uint8Array;
}

const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const CHECKSUM_WORDS = 8;
/** Of the hash, by the low three bits of the version byte. */
const HASH_BYTES = [20, 24, 28, 32, 40, 48, 56, 64];
const GENERATORS = [0x98f2bc8e61n, 0x79b76d99e2n, 0xf33e5fb3c4n, 0xae2eabe2a8n, 0x1e4f43e470n];

const polymod = (words: readonly number[]): bigint => {
  let state = 1n;
  for (const word of words) {
    const top = Number(state >> 35n);
    state = ((state & 0x07ffffffffn) << 5n) ^ BigInt(word);
    for (const [bit, generator] of GENERATORS.entries()) if ((top >> bit) & 1) state ^= generator;
  }
  return state ^ 1n;
};

const prefixWords = (prefix: string): number[] => [
  ...Array.from(prefix, (character) => character.charCodeAt(0) & 31),
  0,
];

/** `text` may leave out its prefix, for which `defaultPrefix` then stands. */
export const decodeCashAddress = (text: string, defaultPrefix: string): CashAddress | undefined => {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return undefined;
  const colon = lower.indexOf(':');
  const prefix = colon === -1 ? defaultPrefix : lower.slice(0, colon);
  const words = Array.from(lower.slice(colon + 1), (character) => ALPHABET.indexOf(character));
  if (prefix === '' || words.length <= CHECKSUM_WORDS || words.includes(-1)) return undefined;
  if (polymod([...prefixWords(prefix), ...words]) !== 0n) return undefined;
  const [version, ...hash] = bytesFromWords(words.slice(0, -CHECKSUM_WORDS)) ?? [];
  // The top bit is reserved.
  if (version === undefined || version >= 0x80 || hash.length !== HASH_BYTES[version & 7]) return undefined;
  return { prefix, type: version >> 3, hash: Uint8Array.from(hash) };
};

/** The hash has one of the lengths of the format; the prefix is lower case. */
export const encodeCashAddress = ({ prefix, type, hash }: CashAddress): string => {
  const size = HASH_BYTES.indexOf(hash.length);
  const words = wordsFromBytes(Uint8Array.of((type << 3) | size, ...hash));
  const zeros = Array.from({ length: CHECKSUM_WORDS }, () => 0);
  const checksum = polymod([...prefixWords(prefix), ...words, ...zeros]);
  const tail = zeros.map((_, i) => Number((checksum >> BigInt(5 * (CHECKSUM_WORDS - 1 - i))) & 31n));
  return `${prefix}:${[...words, ...tail].map((word) => ALPHABET[word]).join('')}`;
};
