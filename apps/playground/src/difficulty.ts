/**
 * The playground's difficulty rule: blocks come about every ten seconds on whatever machine it runs, from the
 * first second on. The next block's work is the hash rate of the last blocks times the spacing, so that it
 * climbs in seconds from nothing and follows miners that come and go. When no block was found for a minute
 * the target is eased step by step. Pure; heights, storage and the node are the business of `chain-rules.ts`.
 */
import { MAX_TARGET, bitsToTarget, targetToBits, workOfTarget } from '@otedama/chain-params';

/** What the rule reads of a block. */
export interface BlockFacts {
  /** Header time, seconds since 1970. */
  readonly time: number;
  /** Compact target. */
  readonly bits: number;
}

/** Compact form of the easiest target of regtest. */
export const LIMIT_BITS = 0x207fffff;
export const SPACING_S = 10;
/** Blocks whose work and times are averaged; the caller passes one more, as the start of the first interval. */
export const WINDOW_BLOCKS = 10;
/** Steepest climb from the hardest block of the window, so that a few lucky blocks cannot overshoot far. */
const MAX_CLIMB = 4n;
/** A night without mining counts as this much, or it would hold the difficulty down for ten blocks. */
const MAX_INTERVAL_S = 600;
const EASE_AFTER_S = 60;
const EASE_STEP_S = 20;
/** Each easing step multiplies the target by four. */
const EASE_SHIFT = 2n;

const LIMIT = bitsToTarget(LIMIT_BITS) ?? MAX_TARGET;

/** Headers of this chain hold nothing else than what this module gave them. */
export const targetOf = (bits: number): bigint => bitsToTarget(bits) ?? LIMIT;

export const bitsOf = (target: bigint): number => targetToBits(target < LIMIT ? target : LIMIT);

/** Expected hashes for a block at this target. */
export const workOf = (bits: number): bigint => workOfTarget(targetOf(bits));

/**
 * Target of the block after `recent` (oldest first, the tip last, genesis left out: its time is years back),
 * found in time.
 */
export const nextBits = (recent: readonly BlockFacts[]): number => {
  let work = 0n;
  let hardest = 0n;
  let seconds = 0;
  for (let i = 1; i < recent.length; i++) {
    const block = recent[i];
    const before = recent[i - 1];
    if (block === undefined || before === undefined) continue;
    const own = workOf(block.bits);
    work += own;
    if (own > hardest) hardest = own;
    seconds += Math.min(MAX_INTERVAL_S, block.time - before.time);
  }
  if (work === 0n) return LIMIT_BITS;
  const wanted = (work * BigInt(SPACING_S)) / BigInt(Math.max(1, seconds));
  const climb = hardest * MAX_CLIMB;
  return bitsOf(MAX_TARGET / (wanted < climb ? wanted : climb));
};

/** How often the target has been eased `seconds` after the tip. */
export const easingSteps = (seconds: number): number =>
  seconds < EASE_AFTER_S ? 0 : 1 + Math.floor((seconds - EASE_AFTER_S) / EASE_STEP_S);

/** Seconds after the tip from which a block may use this step's target. */
export const easingStartsAt = (step: number): number =>
  step === 0 ? 0 : EASE_AFTER_S + (step - 1) * EASE_STEP_S;

/**
 * All targets a block `seconds` after its parent may use, hardest first. The harder ones stay valid: a miner
 * that rolls the time of its work past a step must not lose the block.
 */
export const allowedBits = (bits: number, seconds: number): readonly number[] => {
  const allowed = [bits];
  let target = targetOf(bits);
  for (let left = easingSteps(seconds); left > 0 && target < LIMIT; left--) {
    target <<= EASE_SHIFT;
    allowed.push(bitsOf(target));
  }
  return allowed;
};
