/**
 * Prices as people and services write them. A price stays decimal text from its source to the sum: a JSON number is
 * read as it is written, never through a floating point number.
 */
import type { PriceQuote } from '@otedama/ledger';

export class PriceError extends Error {
  override readonly name = 'PriceError';
  readonly code = 'PRICE_UNREADABLE';
}

const PRICE = /^\d{1,20}(?:\.\d{1,18})?$/;
/** A source that lists more has the rest in another file. */
const MAX_QUOTES = 1_000_000;
/** Seconds since 1970 are below this for the next 3,000 years, milliseconds above it since 1973. */
const FIRST_MS = 100_000_000_000;

const priceOf = (value: unknown, where: string): string => {
  if (typeof value === 'string' && PRICE.test(value)) return value;
  throw new PriceError(`${where}: ${JSON.stringify(value)} is not a price such as 61234.5`);
};

/** Unix time in seconds or milliseconds, or ISO 8601. */
const timeOf = (value: unknown, where: string): number => {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  const atMs = Number.isNaN(number) ? Date.parse(String(value)) : number < FIRST_MS ? number * 1_000 : number;
  if (Number.isSafeInteger(atMs)) return atMs;
  throw new PriceError(`${where}: ${JSON.stringify(value)} is not a time`);
};

/** Numbers come as the text that stands there. */
const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
      typeof value === 'number' ? (context?.source ?? String(value)) : value,
    );
  } catch (error) {
    throw new PriceError(`it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
};

const fieldOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;

type Fields = Readonly<Record<'time' | 'coin' | 'currency' | 'price', unknown>>;

const toQuote = ({ time, coin, currency, price }: Fields, source: string, where: string): PriceQuote => ({
  coin: String(coin),
  currency: String(currency).toUpperCase(),
  atMs: timeOf(time, where),
  price: priceOf(price, where),
  source,
});

const COLUMNS = ['time', 'coin', 'currency', 'price'] as const;

const parseCsv = (text: string, source: string): PriceQuote[] => {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const heads = (lines[0] ?? '').split(',').map((head) => head.trim().toLowerCase());
  const places = COLUMNS.map((column) => heads.indexOf(column));
  if (places.includes(-1)) throw new PriceError(`the first line must name the columns ${COLUMNS.join(', ')}`);
  return lines.slice(1).map((line, i) => {
    const cells = line.split(',').map((cell) => cell.trim());
    const [time, coin, currency, price] = places.map((place) => cells[place]);
    return toQuote({ time, coin, currency, price }, source, `line ${i + 2}`);
  });
};

/** JSON: a list of objects with the columns of the CSV as keys. */
export const parsePriceFile = (text: string, source: string): PriceQuote[] => {
  if (!/^\s*\[/.test(text)) return parseCsv(text, source);
  const list = parseJson(text);
  if (!Array.isArray(list) || list.length > MAX_QUOTES) throw new PriceError('it is not a list of prices');
  return list.map((each: unknown, i) => {
    const [time, coin, currency, price] = COLUMNS.map((column) => fieldOf(each, column));
    return toQuote({ time, coin, currency, price }, source, `price ${i + 1}`);
  });
};

/** By a path of keys with dots between them; a list is entered by number. */
const at = (value: unknown, path: string): unknown => path.split('.').reduce(fieldOf, value);

export interface AnswerPaths {
  readonly pricePath: string;
  /** Absent: the price is of the moment of the answer. */
  readonly timePath: string | undefined;
}

export const parsePriceAnswer = (
  text: string,
  { pricePath, timePath }: AnswerPaths,
  answeredAtMs: number,
): Pick<PriceQuote, 'price' | 'atMs'> => {
  const answer = parseJson(text);
  return {
    price: priceOf(at(answer, pricePath), pricePath),
    atMs: timePath === undefined ? answeredAtMs : timeOf(at(answer, timePath), timePath),
  };
};
