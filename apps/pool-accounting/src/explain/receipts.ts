/** Receipts, shares and proofs of the ledger as they travel: bytes as hex, long numbers as text. */
import {
  decodeAccountKey,
  type LoggedShare,
  type ReceiptSummary,
  type ShareProofSummary,
  Verdict,
} from '@otedama/contracts';
import type { FoundShare, Receipt, ShareProof } from '@otedama/ledger';

const hex = (bytes: Buffer): string => bytes.toString('hex');

export const receiptOf = (receipt: Receipt): ReceiptSummary => ({
  pool: receipt.pool,
  number: receipt.number.toString(),
  afterSequence: receipt.afterSequence.toString(),
  toSequence: receipt.toSequence.toString(),
  closedAtMs: receipt.closedAtMs,
  batches: receipt.batches,
  shares: receipt.shares.toString(),
  root: hex(receipt.root),
  previous: hex(receipt.previous),
  digest: hex(receipt.digest),
  ...(receipt.audit === undefined
    ? {}
    : { audit: { sequence: receipt.audit.sequence.toString(), hash: hex(receipt.audit.hash) } }),
});

const verdictOf = (verdict: number): LoggedShare['verdict'] => {
  if (verdict === Verdict.candidateOnly) return 'block_without_work';
  return verdict === Verdict.candidate ? 'block' : 'accepted';
};

export const shareOf = (share: FoundShare): LoggedShare => ({
  sequence: share.sequence.toString(),
  index: share.index,
  worker: share.worker,
  work: share.work.toString(),
  receivedAtMs: share.receivedAtMs,
  closedAtMs: share.closedAtMs,
  verdict: verdictOf(share.verdict),
  powHash: hex(share.powHash),
});

export const proofOf = ({ receipt, share, batch, batchIndex, path }: ShareProof): ShareProofSummary => ({
  format: receipt.audit === undefined ? 'otedama-receipt-1' : 'otedama-receipt-2',
  share: {
    batchId: hex(share.batchId),
    index: share.index,
    record: hex(share.record),
    account: hex(share.account),
    ...decodeAccountKey(share.account.toString('latin1')),
  },
  batch: {
    sequence: batch.sequence.toString(),
    closedAtMs: batch.closedAtMs,
    count: batch.count,
    worth: hex(batch.worth),
    path: batch.path.map(hex),
  },
  batchIndex,
  path: path.map(hex),
  receipt: receiptOf(receipt),
});
