export { merklePath, merkleRoot, rootFromPath } from './tree.ts';
export {
  type BatchEvidence,
  type ShareEvidence,
  batchLeaf,
  batchRoot,
  shareEvidence,
  shareLeaf,
  shareLeaves,
} from './leaves.ts';
export { type AuditAnchor, NO_RECEIPT, type ReceiptHead, receiptDigest } from './receipt.ts';
