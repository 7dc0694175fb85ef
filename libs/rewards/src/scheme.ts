/**
 * Reward schemes. A scheme that pays by block says how far back it looks and who gets which weight; the split
 * itself is the same exact division for all. PPLNS and SOLO are here. PROP is one more reach (the round).
 * PPS and FPPS pay by share: they credit miners when work is booked, out of the operator's own account, and
 * give the block to the operator; that is a second kind of scheme beside this one, with the same credits.
 */
import { RewardError } from './errors.ts';
import { type RewardSplit, type Weight, splitReward } from './split.ts';
import { EMPTY_WINDOW, type WindowReach, type WorkWindow, windowWeights } from './window.ts';

/** Multiples of the network's work for one block, or a time. */
export type PplnsWindow =
  | { readonly kind: 'work'; readonly networkBlocks: number }
  | { readonly kind: 'time'; readonly durationMs: number };

/** What a pool promised its miners. */
export interface RewardTerms {
  readonly scheme: 'pplns' | 'solo';
  readonly window: PplnsWindow;
  readonly feeBasisPoints: number;
}

export interface BlockFacts {
  readonly rewardAtomic: bigint;
  /** Expected hashes of the block at its network target. */
  readonly networkWork: bigint;
  readonly foundAtMs: number;
  readonly finder: string;
}

export interface BlockScheme {
  reach(block: BlockFacts): WindowReach;
  weights(block: BlockFacts, window: WorkWindow): readonly Weight[];
}

export interface Settlement extends RewardSplit {
  /** Work that shares the reward. */
  readonly windowWork: bigint;
  /** Work that a full window holds; absent where a window has no such size. */
  readonly windowCapacity?: bigint;
}

/** Windows are configured with at most this precision. */
const MILLIONTHS = 1_000_000;

const windowCapacity = (networkWork: bigint, networkBlocks: number): bigint => {
  const millionths = Math.round(networkBlocks * MILLIONTHS);
  if (!Number.isSafeInteger(millionths) || millionths < 1) {
    throw new RewardError(`a window of ${networkBlocks} blocks`);
  }
  const work = (networkWork * BigInt(millionths)) / BigInt(MILLIONTHS);
  return work > 0n ? work : 1n;
};

const finderTakesAll = ({ finder }: BlockFacts): Weight[] => [{ account: finder, work: 1n }];

const solo: BlockScheme = { reach: () => ({ kind: 'none' }), weights: finderTakesAll };

const createPplns = (window: PplnsWindow): BlockScheme => ({
  reach: ({ networkWork, foundAtMs }) =>
    window.kind === 'work'
      ? { kind: 'work', work: windowCapacity(networkWork, window.networkBlocks) }
      : { kind: 'time', sinceMs: foundAtMs - window.durationMs },
  // A block can come before any credited share (its own may have met the network target alone): its finder is
  // then the only one who is known to have worked for it.
  weights: (block, history) => {
    const weights = windowWeights(history);
    return weights.length > 0 ? weights : finderTakesAll(block);
  },
});

export const createScheme = ({ scheme, window }: RewardTerms): BlockScheme => {
  switch (scheme) {
    case 'pplns':
      return createPplns(window);
    case 'solo':
      return solo;
    default:
      return unknownScheme(scheme);
  }
};

const unknownScheme = (scheme: never): never => {
  throw new RewardError(`unknown scheme ${String(scheme)}`);
};

/**
 * Who gets what of a block. A window that is not full yet is shared by what is in it: the whole reward goes
 * to those who worked, none is kept back for shares that do not exist.
 */
export const settleBlock = (
  terms: RewardTerms,
  block: BlockFacts,
  window: WorkWindow = EMPTY_WINDOW,
): Settlement => {
  const scheme = createScheme(terms);
  const reach = scheme.reach(block);
  const weights = scheme.weights(block, window);
  const windowWork = reach.kind === 'none' ? 0n : windowWeights(window).reduce((sum, w) => sum + w.work, 0n);
  return {
    ...splitReward(block.rewardAtomic, weights, terms.feeBasisPoints),
    windowWork,
    ...(reach.kind === 'work' ? { windowCapacity: reach.work } : {}),
  };
};
