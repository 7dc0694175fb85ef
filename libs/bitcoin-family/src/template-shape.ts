/**
 * The shape of a getblocktemplate answer, as a table of the keys that we read. It is JSON from a daemon: half
 * trusted, but of any version and make. What the values mean together is judged in template.ts.
 */
import {
  type Shape,
  firstFault,
  isAmount,
  isBits,
  isBytes,
  isHash,
  isHeight,
  isInteger,
  isList,
  isRecord,
  isText,
  isTime,
  matches,
  optional,
} from './shape.ts';

export interface RawTransaction {
  readonly data: string;
  readonly txid: string;
  readonly hash?: string | null;
  readonly fee?: number | null;
  readonly weight?: number | null;
  readonly sigops?: number | null;
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
  readonly weightlimit?: number | null;
  readonly sizelimit?: number | null;
  readonly sigoplimit?: number | null;
}

/** No block of 32 MB, Bitcoin Cash's size, holds more of the 65 bytes that its transactions have at least. */
const MAX_TRANSACTIONS = 500_000;
const MAX_RULES = 256;

/** Of bytes, weight units or operations; no block of any chain comes near. */
const isCount = isInteger(0, 0xffffffff);

const TRANSACTION: Shape<RawTransaction> = {
  data: [isBytes, 'a transaction in hex'],
  txid: [isHash, 'a hash of 64 hex digits'],
  hash: [optional(isHash), 'a hash of 64 hex digits'],
  fee: [optional(isAmount), 'an amount in atomic units'],
  weight: [optional(isCount), 'a count'],
  sigops: [optional(isCount), 'a count'],
};

const TEMPLATE: Shape<RawTemplate> = {
  // Signed in Core's JSON, but some daemons print it unsigned.
  version: [isInteger(-0x80000000, 0xffffffff), 'a 32-bit number'],
  previousblockhash: [isHash, 'a hash of 64 hex digits'],
  transactions: [(value) => isList(value, MAX_TRANSACTIONS), `a list of at most ${MAX_TRANSACTIONS}`],
  coinbasevalue: [isAmount, 'an amount in atomic units'],
  bits: [isBits, 'a number of 8 hex digits'],
  curtime: [isTime, 'a 32-bit time'],
  mintime: [optional(isTime), 'a 32-bit time'],
  height: [isHeight, 'a height above 0'],
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
  weightlimit: [optional(isCount), 'a count'],
  sizelimit: [optional(isCount), 'a count'],
  sigoplimit: [optional(isCount), 'a count'],
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
