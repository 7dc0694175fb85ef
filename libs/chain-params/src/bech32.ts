/** Bech32 and Bech32m strings (BIP173, BIP350) without any meaning given to their content. */
import { bech32, bech32m } from '@scure/base';

export interface Bech32String {
  readonly encoding: 'bech32' | 'bech32m';
  /** Human-readable part, lower case. */
  readonly prefix: string;
  /** Groups of five bits, checksum removed. */
  readonly words: readonly number[];
}

/** BIP173's limit, within which the checksum's promise holds. */
const MAX_LENGTH = 90;

export const decodeBech32 = (text: string): Bech32String | undefined => {
  // A string meets the checksum of one encoding at most: the two differ in a constant.
  const plain = bech32.decodeUnsafe(text, MAX_LENGTH);
  if (plain) return { encoding: 'bech32', prefix: plain.prefix, words: plain.words };
  const modified = bech32m.decodeUnsafe(text, MAX_LENGTH);
  if (modified) return { encoding: 'bech32m', prefix: modified.prefix, words: modified.words };
  return undefined;
};

/** Eight-bit bytes from five-bit groups; undefined when the padding is not zero or too long. */
export const bytesFromWords = (words: readonly number[]): Uint8Array | undefined =>
  bech32.fromWordsUnsafe([...words]) ?? undefined;

export const encodeBech32 = ({ encoding, prefix, words }: Bech32String): string =>
  (encoding === 'bech32' ? bech32 : bech32m).encode(prefix, [...words], MAX_LENGTH);

export const wordsFromBytes = (bytes: Uint8Array): number[] => bech32.toWords(bytes);
