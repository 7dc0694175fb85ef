/**
 * Which coins pay. Ours and not the daemon's choice: a daemon knows nothing of what was signed and is in no memory
 * pool, forgets its locks when it restarts, and the versions of the family choose differently.
 *
 * The largest first, so that a payout is small while fees are high. When the network asks no more than the floor, some
 * of the smallest go along: that is all the consolidation there is.
 */
import type { WalletCoin } from './coins.ts';
import { MAX_WEIGHT } from './policy.ts';

export interface SelectOptions {
  /** Inputs whatever happens: those of a transaction that is replaced. */
  readonly required: readonly WalletCoin[];
  readonly available: readonly WalletCoin[];
  readonly paidAtomic: bigint;
  /** Of all outputs but the change. */
  readonly outputBytes: number;
  readonly changeBytes: number;
  /** Less change than this is left to the fee. */
  readonly leastChangeAtomic: bigint;
  readonly ratePerKvb: bigint;
  /** No less in all, with so much more for each 1000 virtual bytes: what a replacement has to pay. */
  readonly atLeast: { readonly atomic: bigint; readonly perKvb: bigint };
  /** How many small coins may go along. */
  readonly sweep: number;
}

export type Selection =
  | {
      readonly kind: 'selected';
      readonly coins: readonly WalletCoin[];
      readonly feeAtomic: bigint;
      /** Zero: none. */
      readonly changeAtomic: bigint;
    }
  | { readonly kind: 'insufficient'; readonly spendableAtomic: bigint }
  | { readonly kind: 'too-large' };

/** Version, lock time, marker, flag, and the numbers of inputs and outputs at their longest. */
const BASE_WEIGHT = 4 * (4 + 4 + 3 + 3) + 2;

export const vbytesOf = (weight: number): number => Math.ceil(weight / 4);

/** Rounded up, as nodes want it. */
export const feeAtomic = (ratePerKvb: bigint, vbytes: number): bigint =>
  (ratePerKvb * BigInt(vbytes) + 999n) / 1_000n;

export const sumOf = (coins: readonly WalletCoin[]): bigint =>
  coins.reduce((sum, { amountAtomic }) => sum + amountAtomic, 0n);

const weightOf = (coins: readonly WalletCoin[], outputBytes: number): number =>
  coins.reduce((sum, coin) => sum + coin.inputWeight, BASE_WEIGHT + 4 * outputBytes);

const requiredFee = ({ ratePerKvb, atLeast }: SelectOptions, weight: number): bigint => {
  const vbytes = vbytesOf(weight);
  const asked = feeAtomic(ratePerKvb, vbytes);
  const least = atLeast.atomic + feeAtomic(atLeast.perKvb, vbytes);
  return asked > least ? asked : least;
};

/** Undefined: these coins do not cover it. */
const settle = (options: SelectOptions, coins: readonly WalletCoin[]): Selection | undefined => {
  const { paidAtomic, outputBytes, changeBytes, leastChangeAtomic } = options;
  const leftAtomic = sumOf(coins) - paidAtomic;
  const withChange = requiredFee(options, weightOf(coins, outputBytes + changeBytes));
  if (leftAtomic - withChange >= leastChangeAtomic) {
    return { kind: 'selected', coins, feeAtomic: withChange, changeAtomic: leftAtomic - withChange };
  }
  const withoutChange = requiredFee(options, weightOf(coins, outputBytes));
  return leftAtomic >= withoutChange
    ? { kind: 'selected', coins, feeAtomic: leftAtomic, changeAtomic: 0n }
    : undefined;
};

const descending = (a: WalletCoin, b: WalletCoin): number => {
  if (a.amountAtomic !== b.amountAtomic) return a.amountAtomic > b.amountAtomic ? -1 : 1;
  return `${a.txid}:${a.index}` < `${b.txid}:${b.index}` ? -1 : 1;
};

export const selectCoins = (options: SelectOptions): Selection => {
  const { required, available, outputBytes, changeBytes, ratePerKvb } = options;
  const worthwhile = available
    .filter((coin) => coin.amountAtomic > feeAtomic(ratePerKvb, vbytesOf(coin.inputWeight)))
    .toSorted(descending);
  const coins = [...required];
  const roomFor = (coin: WalletCoin): boolean =>
    weightOf(coins, outputBytes + changeBytes) + coin.inputWeight <= MAX_WEIGHT;
  if (weightOf(coins, outputBytes + changeBytes) > MAX_WEIGHT) return { kind: 'too-large' };
  let found = required.length === 0 ? undefined : settle(options, coins);
  let next = 0;
  for (; found === undefined && next < worthwhile.length; next++) {
    const coin = worthwhile[next];
    if (coin === undefined || !roomFor(coin)) return { kind: 'too-large' };
    coins.push(coin);
    found = settle(options, coins);
  }
  if (found === undefined) return { kind: 'insufficient', spendableAtomic: sumOf(available) };
  for (const coin of worthwhile.slice(next).toReversed().slice(0, options.sweep))
    if (roomFor(coin)) coins.push(coin);
  return settle(options, coins) ?? found;
};
