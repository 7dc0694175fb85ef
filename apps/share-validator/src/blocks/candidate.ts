/** A block of ours on its way to the daemons, with everything that is needed to finish it after a crash. */
import { type BlockEvent, blockEventSchema } from '@otedama/contracts';

/** A block event before its outcome is known. */
export const candidateFactsSchema = blockEventSchema.omit({ outcome: true, reason: true });
export type CandidateFacts = Omit<BlockEvent, 'outcome' | 'reason'>;

export interface BlockCandidate {
  readonly facts: CandidateFacts;
  /** The whole block, as the daemon's submission takes it. */
  readonly submission: string;
  /**
   * The judged batch that the block came in, as the share log keeps it: stored before the block event, so
   * that whoever reads of a block finds the end of its share window in the log.
   */
  readonly batch: Buffer;
}
