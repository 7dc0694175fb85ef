/** What the block log will say of a block that a share has completed. */
import { workOfTarget } from '@otedama/chain-params';
import type { Account, ShareRecord, TraceContext } from '@otedama/contracts';
import type { CandidateFacts } from '../blocks/candidate.ts';
import type { CompletedBlock } from '../templates/job.ts';

export interface ShareContext {
  readonly poolId: string;
  readonly account: Account;
  /** Hex. */
  readonly batchId: string;
  readonly share: Pick<ShareRecord, 'receivedAtMs'>;
  /** Of the batch. */
  readonly trace: TraceContext | undefined;
}

export const describeCandidate = (
  block: CompletedBlock,
  { poolId, account, batchId, share, trace }: ShareContext,
): CandidateFacts => ({
  poolId,
  coin: block.coin,
  height: block.height,
  hash: block.hash,
  prevHash: block.prevHash,
  coinbaseTxid: block.coinbaseTxid,
  rewardAtomic: block.rewardAtomic.toString(),
  networkWork: workOfTarget(block.networkTarget).toString(),
  address: account.address,
  worker: account.worker,
  batchId,
  foundAtMs: share.receivedAtMs,
  ...(block.coinbasePayout === undefined ? {} : { coinbasePayout: block.coinbasePayout }),
  ...(trace === undefined ? {} : { trace }),
});
