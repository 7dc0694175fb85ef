/**
 * Reward schemes. A scheme says how far back a block looks and who gets which weight; the split itself is the same
 * exact division for all. Under PPS and FPPS work is paid when it is accepted (share-rate.ts), out of the operator's
 * bankroll; a block then looks back as with PPLNS, and the part of it that falls to work paid by share is the
 * bankroll's. So whoever was not paid by share, because the breaker was open or the scheme another one, has his part
 * of the blocks that his work leads to, whatever the pool changes to.
 */
import type { BankrollTerms } from './bankroll.ts';
import { RewardError } from './errors.ts';
import { type RewardSplit, type Split, type Weight, apportion, splitReward } from './split.ts';
import { EMPTY_WINDOW, type WindowReach, type WorkWindow, windowWeights } from './window.ts';

/** Multiples of the network's work for one block, or a time. */
export type PplnsWindow =
  | { readonly kind: 'work'; readonly networkBlocks: number }
  | { readonly kind: 'time'; readonly durationMs: number };

export type SchemeName = 'pplns' | 'prop' | 'solo' | 'pps' | 'fpps';

/** What a pool promised its miners. */
export interface RewardTerms {
  readonly scheme: SchemeName;
  readonly window: PplnsWindow;
  readonly feeBasisPoints: number;
  readonly splits?: readonly Split[];
  /** Of schemes that pay by share. */
  readonly bankroll?: BankrollTerms;
}

export const paysByShare = (scheme: SchemeName): scheme is 'pps' | 'fpps' =>
  scheme === 'pps' || scheme === 'fpps';

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
  /** The part of work that was paid by share: the bankroll's. */
  readonly bankrollAtomic: bigint;
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

/**
 * A block can come before any credited share (its own may have met the network target alone): its finder is then the
 * only one who is known to have worked for it.
 */
const sharedByWork = (block: BlockFacts, history: WorkWindow): readonly Weight[] => {
  const weights = windowWeights(history);
  return weights.length > 0 || (history.boughtWork ?? 0n) > 0n ? weights : finderTakesAll(block);
};

const createPplns = (window: PplnsWindow): BlockScheme => ({
  reach: ({ networkWork, foundAtMs }) =>
    window.kind === 'work'
      ? { kind: 'work', work: windowCapacity(networkWork, window.networkBlocks) }
      : { kind: 'time', sinceMs: foundAtMs - window.durationMs },
  weights: sharedByWork,
});

const prop: BlockScheme = { reach: () => ({ kind: 'round' }), weights: sharedByWork };

export const createScheme = ({ scheme, window }: RewardTerms): BlockScheme => {
  switch (scheme) {
    case 'pplns':
    case 'pps':
    case 'fpps':
      return createPplns(window);
    case 'prop':
      return prop;
    case 'solo':
      return solo;
    default:
      return unknownScheme(scheme);
  }
};

const unknownScheme = (scheme: never): never => {
  throw new RewardError(`unknown scheme ${String(scheme)}`);
};

const NOTHING: RewardSplit = { credits: [], splits: [], feeAtomic: 0n };

/**
 * Who gets what of a block. A window that is not full yet is shared by what is in it: the whole reward goes
 * to those who worked, none is kept back for shares that do not exist. Of what falls to work paid by share there is
 * no fee: it was kept when that was paid.
 */
export const settleBlock = (
  terms: RewardTerms,
  block: BlockFacts,
  window: WorkWindow = EMPTY_WINDOW,
): Settlement => {
  const scheme = createScheme(terms);
  const reach = scheme.reach(block);
  const weights = scheme.weights(block, window);
  const seen = reach.kind === 'none' ? EMPTY_WINDOW : window;
  const ownWork = seen.inside.reduce((sum, { work }) => sum + work, seen.edge?.workInside ?? 0n);
  const bought = seen.boughtWork ?? 0n;
  const [bankrollAtomic = 0n, sharedAtomic = 0n] =
    bought === 0n
      ? [0n, block.rewardAtomic]
      : apportion(block.rewardAtomic, [
          { account: '', work: bought },
          { account: '', work: ownWork },
        ]);
  return {
    ...(weights.length === 0 ? NOTHING : splitReward(sharedAtomic, weights, terms)),
    bankrollAtomic,
    windowWork: ownWork + bought,
    ...(reach.kind === 'work' ? { windowCapacity: reach.work } : {}),
  };
};
