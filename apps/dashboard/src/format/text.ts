/** Long identifiers, cut in the middle: their ends are what people compare. */
const ELLIPSIS = '…';

export function shorten(text: string, head: number, tail: number): string {
  return text.length <= head + tail + 1
    ? text
    : `${text.slice(0, head)}${ELLIPSIS}${text.slice(text.length - tail)}`;
}

/** The start of a block hash is zeros: its end tells blocks apart. */
export const shortHash = (hash: string): string => shorten(hash, 4, 10);
export const shortAddress = (address: string): string => shorten(address, 10, 6);

export const plural = (count: number, one: string, many = `${one}s`): string => (count === 1 ? one : many);
