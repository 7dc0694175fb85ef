/** A candidate with the span of its delivery. */
import type { Span, Tracer } from '@otedama/contracts';
import type { BlockCandidate } from './candidate.ts';

export interface TracedCandidate extends BlockCandidate {
  /** Ends when the logs have the block. Its facts, and with them the spool, know what led to it. */
  readonly span: Span;
}

export const traceBlock = (tracer: Tracer, candidate: BlockCandidate, name: string): TracedCandidate => {
  const { poolId: pool, coin, height, hash, batchId: batch, trace: parent } = candidate.facts;
  return { ...candidate, span: tracer.start(name, { parent, fields: { pool, coin, height, hash, batch } }) };
};
