/**
 * The round of PROP. A block is paid to the work that no standing block of its chain below its height was paid
 * to, up to the batch that held it. So:
 * - an orphan gives its round back, and the next block pays it beside its own: no work is lost with a block;
 * - two blocks of one height have the same round from its start on: whichever stands pays it, and an uncle beside
 *   the block that beat it pays it as well;
 * - a block whose round is empty, as the second of one batch, is paid to the round that ended before it, for that
 *   work has found both.
 * A block's round is fixed when it is credited: what becomes of other blocks later changes the rounds to come only.
 */
import { type LogRange, subtractRanges } from './ranges.ts';

export interface RoundFacts {
  /** Where the batch of the block stands in the log. */
  readonly to: bigint;
  /** Rounds of the blocks that stand below its height. */
  readonly paid: readonly LogRange[];
  /** That of the last of them; none for a first block. */
  readonly last: readonly LogRange[];
}

/** The first of these that holds work is the round. */
export const roundsOf = ({ to, paid, last }: RoundFacts): readonly (readonly LogRange[])[] => [
  subtractRanges([{ from: 0n, to }], paid),
  last,
];
