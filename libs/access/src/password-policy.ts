/**
 * What may be a password: long, and not built of almost nothing. No demands on kinds of characters and no forced
 * changes, which make passwords worse. Length counts characters as people do.
 */
export const MIN_PASSWORD_CHARS = 12;
/** A sentence fits; what is hashed stays small. */
export const MAX_PASSWORD_CHARS = 128;

const MIN_DISTINCT = 5;
/** Of the longest part that only counts up or down, or goes along a row of keys. */
const MAX_RUN_SHARE = 0.5;
const ROWS = ['abcdefghijklmnopqrstuvwxyz', '01234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm'];
/** What the pool, its users and half the world would think of first. */
const PLAIN_WORDS = /otedama|password|passwort|welcome|letmein|admin|mining|bitcoin|monero|litecoin|pool/g;

export type PasswordFault = 'too-short' | 'too-long' | 'too-simple' | 'holds-name';

export const PASSWORD_FAULTS: Readonly<Record<PasswordFault, string>> = {
  'too-short': `A password has at least ${MIN_PASSWORD_CHARS} characters.`,
  'too-long': `A password has at most ${MAX_PASSWORD_CHARS} characters.`,
  'too-simple': 'This password is a pattern or a word that is guessed first.',
  'holds-name': 'A password does not hold the name of its user.',
};

const isNeighbour = (a: string, b: string): boolean =>
  a === b || ROWS.some((row) => row.includes(a + b) || row.includes(b + a));

const longestRun = (characters: readonly string[]): number => {
  let longest = 1;
  let run = 1;
  characters.forEach((character, at) => {
    const before = characters[at - 1];
    run = before !== undefined && isNeighbour(before, character) ? run + 1 : 1;
    longest = Math.max(longest, run);
  });
  return longest;
};

/** The same few characters over and over: the shortest piece that the whole repeats. */
const period = (text: string): number => (text + text).indexOf(text, 1);

/** Undefined: it may be one. */
export const judgePassword = (password: string, name: string): PasswordFault | undefined => {
  const characters = [...password.toLowerCase()];
  if (characters.length < MIN_PASSWORD_CHARS) return 'too-short';
  if (characters.length > MAX_PASSWORD_CHARS) return 'too-long';
  const text = characters.join('');
  if (text.includes(name.toLowerCase())) return 'holds-name';
  const isPattern =
    new Set(characters).size < MIN_DISTINCT ||
    period(text) < MIN_PASSWORD_CHARS / 2 ||
    longestRun(characters) > characters.length * MAX_RUN_SHARE;
  const rest = text.replaceAll(PLAIN_WORDS, '').replaceAll(/[^\p{L}]/gu, '');
  return isPattern || rest.length < 2 ? 'too-simple' : undefined;
};
