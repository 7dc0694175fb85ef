/**
 * The PPLNS window. History is a row of entries (the share batches of the log, in log order); a window ends
 * with the entry that held the block and reaches back by work or by time. Where the far edge of a window by
 * work falls inside an entry, that entry counts with the part of its work that is inside, divided among its
 * accounts in proportion and to the last unit: the window never holds more or less work than it should.
 */
import { RewardError } from './errors.ts';
import { type Weight, apportion, mergeWeights } from './split.ts';

/** How far back a scheme needs to see for one block. */
export type WindowReach =
  | { readonly kind: 'none' }
  /** What no block has paid yet (round.ts). */
  | { readonly kind: 'round' }
  | { readonly kind: 'work'; readonly work: bigint }
  /** Entries closed at this moment or later. */
  | { readonly kind: 'time'; readonly sinceMs: number };

/** What lies within a reach, as it is read from history. */
export interface WorkWindow {
  /** Entries wholly inside; may be summed by account already. */
  readonly inside: readonly Weight[];
  /** The entry cut by the far edge: `workInside` of its work is inside. */
  readonly edge?: { readonly weights: readonly Weight[]; readonly workInside: bigint };
  /** Beside these: work that was paid by share, and whose part of the block is the operator's for it. */
  readonly boughtWork?: bigint;
}

export const EMPTY_WINDOW: WorkWindow = { inside: [] };

/** The weights of a window, one per account, ordered by account. */
export const windowWeights = ({ inside, edge }: WorkWindow): Weight[] => {
  if (edge === undefined || edge.workInside === 0n) return mergeWeights(inside);
  const cut = mergeWeights(edge.weights);
  const whole = cut.reduce((sum, { work }) => sum + work, 0n);
  if (edge.workInside > whole) throw new RewardError('more work inside than the entry has');
  const parts = apportion(edge.workInside, cut);
  return mergeWeights([...inside, ...cut.map(({ account }, i) => ({ account, work: parts[i] ?? 0n }))]);
};
