/**
 * How many new coins a block makes, as data and the arithmetic for it. Daemons name the reward in their
 * templates; these rules serve where there is no template yet, and to check what was paid.
 */
import { ChainParamsError } from './errors.ts';
import { assertHeight } from './height.ts';

/** Halves every `halvingInterval` blocks, until a constant amount takes over, if there is one. */
export interface HalvingSubsidy {
  readonly kind: 'halving';
  readonly initialAtomic: bigint;
  readonly halvingInterval: number;
  readonly constant?: { readonly fromHeight: number; readonly atomic: bigint };
}

/** ECIP-1017: a fifth less in each era; blocks 1 to `eraBlocks` are the first. */
export interface EraSubsidy {
  readonly kind: 'eras';
  readonly initialAtomic: bigint;
  readonly eraBlocks: number;
}

/** CryptoNote: a fraction of what is left to emit, never below the tail. */
export interface EmissionSubsidy {
  readonly kind: 'emission';
  readonly supplyAtomic: bigint;
  /** The fraction is 2^-speedShift. */
  readonly speedShift: number;
  readonly tailAtomic: bigint;
}

export const blockSubsidy = (rule: HalvingSubsidy | EraSubsidy, height: number): bigint => {
  assertHeight(height);
  if (rule.kind === 'eras') return eraReward(rule, eraOf(rule, height));
  const { constant, initialAtomic, halvingInterval } = rule;
  if (constant !== undefined && height >= constant.fromHeight) return constant.atomic;
  return initialAtomic >> BigInt(Math.floor(height / halvingInterval));
};

/** Follows the coins that exist, not the height; a block above the median weight is paid less than this. */
export const emissionSubsidy = (rule: EmissionSubsidy, generatedAtomic: bigint): bigint => {
  const left = rule.supplyAtomic - generatedAtomic;
  const falling = left > 0n ? left >> BigInt(rule.speedShift) : 0n;
  return falling > rule.tailAtomic ? falling : rule.tailAtomic;
};

export interface UncleRewards {
  /** To the miner of the uncle. */
  readonly uncleAtomic: bigint;
  /** To the miner of the block that names it, on top of its subsidy. */
  readonly nephewAtomic: bigint;
}

export const uncleRewards = (rule: EraSubsidy, height: number, uncleHeight: number): UncleRewards => {
  assertHeight(height);
  const depth = height - uncleHeight;
  if (!Number.isInteger(depth) || depth < 1 || depth > 7) {
    throw new ChainParamsError('HEIGHT_RANGE', `no block at ${height} can name an uncle at ${uncleHeight}`);
  }
  const era = eraOf(rule, height);
  const nephewAtomic = eraReward(rule, era) / 32n;
  // Depth counts in the first era only; since then both get the same.
  const uncleAtomic = era === 0 ? (BigInt(8 - depth) * rule.initialAtomic) / 8n : nephewAtomic;
  return { uncleAtomic, nephewAtomic };
};

const eraOf = ({ eraBlocks }: EraSubsidy, height: number): number =>
  Math.max(0, Math.floor((height - 1) / eraBlocks));

/** Rounded down once, of the whole power, as the nodes do. */
const eraReward = ({ initialAtomic }: EraSubsidy, era: number): bigint =>
  (initialAtomic * 4n ** BigInt(era)) / 5n ** BigInt(era);
