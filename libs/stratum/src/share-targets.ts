/**
 * What a difficulty means for a share: the target as the batch wants it, and the work it stands for. The
 * division behind it costs microseconds, and thousands of sessions share the same difficulties.
 */
import { type Algorithm, difficultyToTarget, targetToLe, workOfTarget } from '@otedama/chain-params';
import { MAX_CACHED_TARGETS } from './limits.ts';

export interface ShareTarget {
  readonly difficulty: number;
  /** 32 bytes, little-endian number. */
  readonly targetLe: Uint8Array;
  /** Expected hashes of a share: floor(2^256 / (target + 1)). */
  readonly work: bigint;
}

export class ShareTargets {
  readonly algorithm: Algorithm;
  readonly #known = new Map<number, ShareTarget>();

  constructor(algorithm: Algorithm) {
    this.algorithm = algorithm;
  }

  of(difficulty: number): ShareTarget {
    const known = this.#known.get(difficulty);
    if (known !== undefined) return known;
    const target = difficultyToTarget(this.algorithm, difficulty);
    const fresh = { difficulty, targetLe: targetToLe(target), work: workOfTarget(target) };
    // Starting over now and then is cheaper than keeping an order of use.
    if (this.#known.size >= MAX_CACHED_TARGETS) this.#known.clear();
    this.#known.set(difficulty, fresh);
    return fresh;
  }
}
