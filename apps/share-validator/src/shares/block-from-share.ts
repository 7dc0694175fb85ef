/** From a share that meets the network target to the block: the one place where a whole block is built. */
import {
  assembleBlock,
  foldMerkle,
  serializeHeader,
  sha256d,
  toDisplay,
  txidOf,
} from '@otedama/bitcoin-family';
import { workOfTarget } from '@otedama/chain-params';
import type { Account, ShareRecord } from '@otedama/contracts';
import type { CandidateFacts } from '../blocks/candidate.ts';
import type { Job } from '../templates/job.ts';

export interface FoundBlock {
  readonly facts: CandidateFacts;
  readonly blockHex: string;
}

export interface ShareContext {
  readonly coin: string;
  readonly account: Account;
  /** Hex. */
  readonly batchId: string;
}

export const buildFoundBlock = (
  { template, body }: Job,
  share: Pick<ShareRecord, 'extranonce' | 'version' | 'nTime' | 'nonce' | 'receivedAtMs'>,
  { coin, account, batchId }: ShareContext,
): FoundBlock => {
  const coinbase = Buffer.concat([template.coinbasePrefix, share.extranonce, template.coinbaseSuffix]);
  const coinbaseTxid = txidOf(coinbase);
  const header = serializeHeader({
    version: share.version,
    prevHash: template.prevHash,
    merkleRoot: foldMerkle(coinbaseTxid, template.merkleBranch),
    time: share.nTime,
    bits: template.bits,
    nonce: share.nonce,
  });
  return {
    blockHex: assembleBlock({ template: body, header, coinbase }),
    facts: {
      poolId: template.poolId,
      coin,
      height: template.height,
      hash: toDisplay(sha256d(header)),
      prevHash: toDisplay(template.prevHash),
      coinbaseTxid: toDisplay(coinbaseTxid),
      rewardAtomic: body.coinbaseValueAtomic.toString(),
      networkWork: workOfTarget(template.networkTarget).toString(),
      address: account.address,
      worker: account.worker,
      batchId,
      foundAtMs: share.receivedAtMs,
    },
  };
};
