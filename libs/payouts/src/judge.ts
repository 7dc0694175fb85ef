/**
 * What the standings of a batch's transactions come to. They conflict with each other, so at most one of them can
 * confirm; while one of them still can, the batch is open.
 */
import type { TransactionStanding } from './wallet.ts';

export interface LookedAt {
  readonly txid: string;
  readonly standing: TransactionStanding;
}

export interface Depths {
  /** From how many confirmations on a payout counts as made. */
  readonly confirmations: number;
  /** From how many on the chain is not expected to change its mind. */
  readonly finalConfirmations: number;
}

export type BatchVerdict =
  | { readonly kind: 'open' }
  | {
      readonly kind: 'paid';
      readonly txid: string;
      readonly feeAtomic: bigint;
      readonly isDeep: boolean;
      readonly isFinal: boolean;
    }
  /** As the chain stands none can confirm; final: none ever will. */
  | { readonly kind: 'void'; readonly isFinal: boolean };

export const judgeBatch = (transactions: readonly LookedAt[], depths: Depths): BatchVerdict => {
  let leastDepth = Number.POSITIVE_INFINITY;
  let isOpen = transactions.length === 0;
  for (const { txid, standing } of transactions) {
    if (standing.kind === 'confirmed') {
      const isDeep = standing.confirmations >= depths.confirmations;
      const isFinal = isDeep && standing.confirmations >= depths.finalConfirmations;
      return { kind: 'paid', txid, feeAtomic: standing.feeAtomic, isDeep, isFinal };
    }
    if (standing.kind === 'unknown' || standing.kind === 'pending') isOpen = true;
    else leastDepth = Math.min(leastDepth, standing.confirmations);
  }
  return isOpen ? { kind: 'open' } : { kind: 'void', isFinal: leastDepth >= depths.finalConfirmations };
};
