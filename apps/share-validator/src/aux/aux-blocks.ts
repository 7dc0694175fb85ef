/** The blocks of auxiliary chains that a share of the parent completes. Pure. */
import { serializeAuxProof, toDisplay } from '@otedama/bitcoin-family';
import type { CompletedBlock } from '../templates/job.ts';
import type { AuxWorkSet } from './aux-work.ts';
import { encodeAuxSubmission } from './submission-text.ts';

/** The parent as the share makes it, whether or not it is a block of its own chain. */
export interface ParentProof {
  readonly header: Uint8Array;
  /** In legacy form, with the extranonce in it. */
  readonly coinbase: Uint8Array;
  readonly coinbaseBranch: readonly Uint8Array[];
  /** As a number: what each chain's target is compared with. */
  readonly powHash: bigint;
}

export const completeAuxBlocks = (
  { works, tree }: AuxWorkSet,
  { header, coinbase, coinbaseBranch, powHash }: ParentProof,
): CompletedBlock[] =>
  works.flatMap((work, index) => {
    const chain = tree.chains[index];
    if (chain === undefined || powHash > work.target) return [];
    const hash = toDisplay(work.blockHash);
    const proof = serializeAuxProof({ chain, parentHeader: header, coinbase, coinbaseBranch });
    return {
      coin: work.coin,
      height: work.height,
      networkTarget: work.target,
      submission: encodeAuxSubmission({ hash, proof }),
      hash,
      prevHash: toDisplay(work.prevHash),
      coinbaseTxid: '',
      rewardAtomic: work.rewardAtomic,
      verifiedHash: undefined,
    };
  });
