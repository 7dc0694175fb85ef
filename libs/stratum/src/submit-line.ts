/**
 * The line that a pool reads more often than all others together, known by its exact shape: a share as miners of
 * the cgminer family and most firmware write it. Whatever differs by a character, if only in the order of its
 * members, is read as JSON, and with the same result.
 */

/** Without escapes and within ASCII, where JSON's text and ours are the same. */
const TEXT = String.raw`"([ !#-\[\]-~]*)"`;
const PARAMS = String.raw`"params": ?\[${TEXT}, ?${TEXT}, ?${TEXT}, ?${TEXT}, ?${TEXT}(?:, ?${TEXT})?\]`;
/** Digits that a double holds, as it would print them. */
const ID = String.raw`"id": ?(0|[1-9]\d{0,14})`;
const METHOD = String.raw`"method": ?"mining\.submit"`;
const PARAMS_LAST = new RegExp(`^\\{${ID}, ?${METHOD}, ?${PARAMS}\\}$`);
const PARAMS_FIRST = new RegExp(`^\\{${PARAMS}, ?${ID}, ?${METHOD}\\}$`);

export interface SubmitLine {
  readonly kind: 'request';
  readonly id: string;
  readonly method: 'mining.submit';
  readonly params: readonly string[];
}

/** A match has the text of the sixth parameter only if there is one. */
const request = (id = '', a = '', b = '', c = '', d = '', e = '', f?: string): SubmitLine => ({
  kind: 'request',
  id,
  method: 'mining.submit',
  params: f === undefined ? [a, b, c, d, e] : [a, b, c, d, e, f],
});

/** Undefined for every other line. */
export const readSubmitLine = (line: string): SubmitLine | undefined => {
  const last = PARAMS_LAST.exec(line);
  if (last !== null) return request(last[1], last[2], last[3], last[4], last[5], last[6], last[7]);
  const first = PARAMS_FIRST.exec(line);
  if (first === null) return undefined;
  return request(first[7], first[1], first[2], first[3], first[4], first[5], first[6]);
};
