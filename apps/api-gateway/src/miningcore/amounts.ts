/**
 * Amounts as Miningcore's front ends read them: numbers of whole coins. This is the one place where atomic units become
 * anything else. All their digits are written; what a reader's own numbers make of them is up to it.
 */
import { z } from 'zod';

/** A number for `JSON.stringify` alone: with 18 decimals there are more digits than JavaScript's numbers have. */
export const coinsSchema = z.number().brand<'Coins'>().describe('Whole coins.');
export type Coins = z.infer<typeof coinsSchema>;

/** Of ECMAScript's "JSON.parse source text access"; TypeScript does not declare it yet. */
const { rawJSON } = JSON as typeof JSON & { rawJSON(text: string): unknown };

export const coinsOf = (atomic: string, decimals: number): Coins => {
  const isNegative = atomic.startsWith('-');
  const digits = (isNegative ? atomic.slice(1) : atomic).padStart(decimals + 1, '0');
  const point = digits.length - decimals;
  const fraction = digits.slice(point).replace(/0+$/, '');
  const text = `${isNegative ? '-' : ''}${digits.slice(0, point)}${fraction === '' ? '' : `.${fraction}`}`;
  return rawJSON(text) as Coins;
};
