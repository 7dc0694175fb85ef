/**
 * How large a coinbase a template leaves room for. A daemon fills its template up to what it keeps for the coinbase,
 * mostly a thousand bytes; a longer one makes a block of a full template too heavy for the network.
 */
import type { RawTemplate } from './template-shape.ts';

export interface TemplateRoom {
  /** Of the coinbase in legacy serialisation. */
  readonly coinbaseBytes: number;
  /** Each output is counted as one signature operation, which is the most that a usual script has. */
  readonly coinbaseOutputs: number;
}

/** What daemons that say nothing keep: 4,000 weight units, and 400 of the cost of signature operations. */
const KEPT: TemplateRoom = { coinbaseBytes: 1_000, coinbaseOutputs: 100 };

/** A header and the longest count of transactions. */
const HEAD_BYTES = 89;
const WITNESS_SCALE = 4;
/** Marker, flag, and one stack item of 32 bytes. */
const COINBASE_WITNESS_WEIGHT = 36;

/** Undefined where a part is not known. */
const total = (parts: readonly (number | null | undefined)[]): number | undefined =>
  parts.reduce<number | undefined>(
    (sum, part) => (sum === undefined || part == null ? undefined : sum + part),
    0,
  );

const bytesLeft = ({ weightlimit, sizelimit, transactions }: RawTemplate): number | undefined => {
  if (weightlimit != null) {
    const weight = total(transactions.map((transaction) => transaction.weight));
    if (weight === undefined) return undefined;
    const left = weightlimit - weight - COINBASE_WITNESS_WEIGHT;
    return Math.floor(left / WITNESS_SCALE) - HEAD_BYTES;
  }
  if (sizelimit == null) return undefined;
  return sizelimit - HEAD_BYTES - transactions.reduce((sum, { data }) => sum + data.length / 2, 0);
};

const outputsLeft = ({ weightlimit, sigoplimit, transactions }: RawTemplate): number | undefined => {
  const spent = total(transactions.map(({ sigops }) => sigops));
  if (sigoplimit == null || spent === undefined) return undefined;
  return Math.floor((sigoplimit - spent) / (weightlimit == null ? 1 : WITNESS_SCALE));
};

export const roomOf = (raw: RawTemplate): TemplateRoom => ({
  coinbaseBytes: bytesLeft(raw) ?? KEPT.coinbaseBytes,
  coinbaseOutputs: outputsLeft(raw) ?? KEPT.coinbaseOutputs,
});
