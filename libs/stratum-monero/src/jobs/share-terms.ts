/**
 * What a difficulty becomes in a job. The 32-bit target is coarse, so the target on the wire comes first and the
 * difficulty that is judged and credited follows from it: a miner is paid for the work it was really asked for.
 */
import { decodeTarget, encodeTarget } from '@otedama/cryptonote';
import { type ShareTarget, type ShareTargets, encodeHex } from '@otedama/stratum';
import { MAX_DIFFICULTY } from '../limits.ts';

export interface ShareTerms {
  /** `target` of the job: 4 or 8 bytes, little-endian, hex. */
  readonly wire: string;
  readonly target: ShareTarget;
}

export const shareTerms = (targets: ShareTargets, difficulty: number): ShareTerms => {
  const wanted = BigInt(Math.round(Math.min(Math.max(difficulty, 1), MAX_DIFFICULTY)));
  const bytes = encodeTarget(wanted);
  const asked = decodeTarget(bytes)?.difficulty ?? wanted;
  return { wire: encodeHex(bytes), target: targets.of(Number(asked)) };
};

/** Both as little-endian numbers of 32 bytes. */
export const isAtMost = (hashLe: Uint8Array, targetLe: Uint8Array): boolean => {
  for (let at = 31; at >= 0; at--) {
    const difference = (hashLe[at] ?? 0) - (targetLe[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return true;
};
