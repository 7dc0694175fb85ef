/**
 * The shape of a getblocktemplate answer, as a table of the keys that we read. It is JSON from a daemon: half
 * trusted, but of any version and make. What the values mean together is judged in template.ts.
 */

export interface RawTransaction {
  readonly data: string;
  readonly txid: string;
  readonly hash?: string | null;
  readonly fee?: number | null;
}

export interface RawTemplate {
  readonly version: number;
  readonly previousblockhash: string;
  readonly transactions: readonly RawTransaction[];
  readonly coinbasevalue: number;
  readonly bits: string;
  readonly curtime: number;
  readonly mintime?: number | null;
  readonly height: number;
  readonly rules?: readonly string[] | null;
  readonly default_witness_commitment?: string | null;
  readonly mweb?: string | null;
  readonly longpollid?: string | null;
  readonly coinbaseaux?: { readonly flags?: string } | null;
  readonly signet_challenge?: string | null;
}

type Check = (value: unknown) => boolean;
type Shape<T> = Readonly<Record<keyof T, readonly [check: Check, expectation: string]>>;

/** A block of 4 million weight units holds no more transactions of the least size, 60 bytes. */
const MAX_TRANSACTIONS = 66_667;
/** Of both strings that we hand back to a daemon or to nobody; real ones have less than 100 characters. */
const MAX_TEXT = 1024;
const MAX_RULES = 256;

const isInteger =
  (min: number, max: number): Check =>
  (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
const isText: Check = (value) => typeof value === 'string' && value.length <= MAX_TEXT;
const matches =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || value === null || check(value);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isList = (value: unknown, max: number): value is readonly unknown[] =>
  Array.isArray(value) && value.length <= max;

const isHash = matches(/^[0-9a-f]{64}$/i);
const isBytes = matches(/^(?:[0-9a-f]{2})+$/i);
/** JSON numbers are exact up to here, which is more than any coin of this family will ever issue. */
const isAmount = isInteger(0, Number.MAX_SAFE_INTEGER);
const isTime = isInteger(1, 0xffffffff);

const TRANSACTION: Shape<RawTransaction> = {
  data: [isBytes, 'a transaction in hex'],
  txid: [isHash, 'a hash of 64 hex digits'],
  hash: [optional(isHash), 'a hash of 64 hex digits'],
  fee: [optional(isAmount), 'an amount in atomic units'],
};

const TEMPLATE: Shape<RawTemplate> = {
  // Signed in Core's JSON, but some daemons print it unsigned.
  version: [isInteger(-0x80000000, 0xffffffff), 'a 32-bit number'],
  previousblockhash: [isHash, 'a hash of 64 hex digits'],
  transactions: [(value) => isList(value, MAX_TRANSACTIONS), `a list of at most ${MAX_TRANSACTIONS}`],
  coinbasevalue: [isAmount, 'an amount in atomic units'],
  bits: [matches(/^[0-9a-f]{8}$/i), 'a number of 8 hex digits'],
  curtime: [isTime, 'a 32-bit time'],
  mintime: [optional(isTime), 'a 32-bit time'],
  // Below half a billion a lock time is a height; the coinbase locks to the height before its own.
  height: [isInteger(1, 499_999_999), 'a height above 0'],
  rules: [optional((value) => isList(value, MAX_RULES) && value.every(isText)), 'a list of names'],
  default_witness_commitment: [
    optional(matches(/^6a24aa21a9ed[0-9a-f]{64}$/i)),
    'a witness commitment script in hex',
  ],
  mweb: [optional(isBytes), 'an extension block in hex'],
  longpollid: [optional(isText), 'a short text'],
  coinbaseaux: [
    optional((value) => isRecord(value) && optional(matches(/^(?:[0-9a-f]{2}){0,100}$/i))(value['flags'])),
    'an object whose flags are up to 100 bytes in hex',
  ],
  signet_challenge: [optional(matches(/^(?:[0-9a-f]{2})*$/i)), 'a script in hex'],
};

const firstFault = <T>(value: Readonly<Record<string, unknown>>, shape: Shape<T>): string | undefined => {
  for (const [key, [check, expectation]] of Object.entries<Shape<T>[keyof T]>(shape)) {
    if (!check(value[key])) return `${key} is not ${expectation}`;
  }
  return undefined;
};

export type ShapeResult =
  | { readonly ok: true; readonly raw: RawTemplate }
  | { readonly ok: false; readonly reason: string };

export const checkShape = (value: unknown): ShapeResult => {
  if (!isRecord(value)) return { ok: false, reason: 'it is not an object' };
  const fault = firstFault(value, TEMPLATE) ?? findTransactionFault(value['transactions']);
  // The tables have a check for every key of the raw types, so this is what they describe.
  return fault === undefined
    ? { ok: true, raw: value as unknown as RawTemplate }
    : { ok: false, reason: fault };
};

const findTransactionFault = (list: unknown): string | undefined => {
  if (!isList(list, MAX_TRANSACTIONS)) return 'transactions is not a list';
  for (const [index, transaction] of list.entries()) {
    const fault = isRecord(transaction) ? firstFault(transaction, TRANSACTION) : 'it is not an object';
    if (fault !== undefined) return `transactions[${index}]: ${fault}`;
  }
  return undefined;
};
