/**
 * Which miners a block pays in its own coinbase. The window is settled as for any block; each miner is then due its
 * share of this block and what earlier blocks have left owing. Whom the coinbase has room for is paid his whole
 * share. The carries of earlier blocks lie in the pool's wallet, so they are paid out of what the pool would get of
 * this block (its fee, and the shares that it has no room for), and never at another miner's cost. The rest is owed.
 *
 * Nothing here depends on the machine or on the order of the input: every validator makes the same coinbase.
 */
import { RewardError } from './errors.ts';
import { apportion, BASIS_POINTS, type Weight } from './split.ts';

/** A miner's place in the window: all work of those before it in the order of the division, and its own. */
export interface WindowPlace extends Weight {
  readonly before: bigint;
}

/** Of weights in the order of the division, as `mergeWeights` gives them. */
export const windowPlaces = (weights: readonly Weight[]): WindowPlace[] => {
  let before = 0n;
  return weights.map((weight) => {
    const place = { ...weight, before };
    before += weight.work;
    return place;
  });
};

/** What `apportion` gives to one of many, without the others. */
export const partOfPlace = (
  total: bigint,
  { before, work }: Pick<WindowPlace, 'before' | 'work'>,
  whole: bigint,
): bigint => {
  if (total < 0n || before < 0n || work < 0n || before + work > whole) {
    throw new RewardError('a place that its window does not have');
  }
  return whole === 0n ? 0n : (total * (before + work)) / whole - (total * before) / whole;
};

export interface WindowTotals {
  /** Of all who have a place. */
  readonly windowWork: bigint;
  /** Beside it: what was paid by share, whose part of a block is the operator's. */
  readonly boughtWork: bigint;
}

/** What of a block is divided among the places of its window, as `settleBlock` comes to it. */
export const dividedAtomic = (
  rewardAtomic: bigint,
  { windowWork, boughtWork }: WindowTotals,
  feeBasisPoints: number,
): bigint => {
  if (windowWork === 0n) return 0n;
  const parts = apportion(rewardAtomic, [
    { account: '', work: boughtWork },
    { account: '', work: windowWork },
  ]);
  const shared = parts[1] ?? 0n;
  return shared - (shared * BigInt(feeBasisPoints)) / BigInt(BASIS_POINTS);
};

export interface DuePayee {
  readonly account: string;
  /** Its share of this block. */
  readonly creditAtomic: bigint;
  /** Owed from earlier blocks. */
  readonly carriedAtomic: bigint;
  /** Of the output that pays it. */
  readonly outputBytes: number;
  /** Less is not worth an output. */
  readonly minimumAtomic: bigint;
}

/** What the coinbase has room for beside all else that is in it. */
export interface CoinbaseRoom {
  readonly outputs: number;
  readonly bytes: number;
}

export interface CoinbasePayment {
  readonly account: string;
  readonly amountAtomic: bigint;
  /** The part of it that earlier blocks had left owing. */
  readonly carriedAtomic: bigint;
}

export interface CoinbasePlan {
  /** In the order of the outputs. */
  readonly payments: readonly CoinbasePayment[];
  /** The fee, and what this block leaves owing, less the carries that it pays. */
  readonly poolAtomic: bigint;
}

export interface CoinbaseBlock {
  readonly rewardAtomic: bigint;
  readonly payees: readonly DuePayee[];
  readonly room: CoinbaseRoom;
}

const dueOf = ({ creditAtomic, carriedAtomic }: DuePayee): bigint => creditAtomic + carriedAtomic;

/** The largest sums first: what is left owing is then the least, and a carry that grows comes to the front. */
const byDue = (a: DuePayee, b: DuePayee): number => {
  const [dueA, dueB] = [dueOf(a), dueOf(b)];
  if (dueA !== dueB) return dueA > dueB ? -1 : 1;
  return a.account < b.account ? -1 : a.account > b.account ? 1 : 0;
};

const fitInto = (payees: readonly DuePayee[], room: CoinbaseRoom): DuePayee[] => {
  let { outputs, bytes } = room;
  return payees.filter(({ outputBytes }) => {
    if (outputs < 1 || outputBytes > bytes) return false;
    outputs -= 1;
    bytes -= outputBytes;
    return true;
  });
};

/** Shares first, all of them; then carries, as far as what is left goes. */
const payAll = (payees: readonly DuePayee[], rewardAtomic: bigint): CoinbasePlan => {
  let poolAtomic = payees.reduce((left, { creditAtomic }) => left - creditAtomic, rewardAtomic);
  const payments = payees.map(({ account, creditAtomic, carriedAtomic: owed }) => {
    const carriedAtomic = owed < poolAtomic ? owed : poolAtomic;
    poolAtomic -= carriedAtomic;
    return { account, amountAtomic: creditAtomic + carriedAtomic, carriedAtomic };
  });
  return { payments, poolAtomic };
};

const assertDue = ({ rewardAtomic, payees }: CoinbaseBlock): void => {
  const negative = payees.some((payee) => payee.creditAtomic < 0n || payee.carriedAtomic < 0n);
  const credited = payees.reduce((sum, { creditAtomic }) => sum + creditAtomic, 0n);
  if (negative || credited > rewardAtomic)
    throw new RewardError('shares of more than the reward, or of less than nothing');
  if (new Set(payees.map(({ account }) => account)).size < payees.length) {
    throw new RewardError('an account is due twice');
  }
};

export const planCoinbase = (block: CoinbaseBlock): CoinbasePlan => {
  assertDue(block);
  let candidates = block.payees
    .filter((payee) => dueOf(payee) > 0n && dueOf(payee) >= payee.minimumAtomic)
    .sort(byDue);
  for (;;) {
    const chosen = fitInto(candidates, block.room);
    const plan = payAll(chosen, block.rewardAtomic);
    // A carry that cannot be paid in full may leave its miner with less than is worth an output: its share is then
    // carried as well, which may be enough for others. Each turn has fewer candidates than the one before.
    const short = new Set(
      chosen.filter(({ minimumAtomic }, i) => {
        const amount = plan.payments[i]?.amountAtomic ?? 0n;
        return amount < minimumAtomic || amount === 0n;
      }),
    );
    if (short.size === 0) return plan;
    candidates = candidates.filter((payee) => !short.has(payee));
  }
};
