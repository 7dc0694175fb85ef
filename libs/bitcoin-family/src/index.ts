export { fromDisplay, fromStratumPrevHash, stratumPrevHash, toDisplay } from './bytes.ts';
export { sha256d, txidOf } from './hash.ts';
export { type BlockHeader, HEADER_BYTES, decodeHeader, serializeHeader } from './header.ts';
export { foldMerkle, merkleBranch, merkleRoot } from './merkle.ts';
export { witnessCommitmentScript, witnessRoot } from './witness.ts';
export {
  type BlockTemplate,
  type ParsedTemplate,
  type TemplateOptions,
  type TemplateTransaction,
  parseBlockTemplate,
} from './template.ts';
export type { TemplateRoom } from './room.ts';
export {
  type CoinbaseOptions,
  type CoinbaseOutput,
  type CoinbaseParts,
  type FixedCoinbaseOptions,
  MAX_COINBASE_SCRIPT,
  buildCoinbase,
  buildFixedCoinbase,
} from './coinbase.ts';
export {
  type ReadTransaction,
  type TransactionBody,
  type TransactionInput,
  type TransactionOutput,
  readTransaction,
  serializeUnsigned,
} from './transaction.ts';
export { type BlockOptions, assembleBlock } from './block.ts';
export { type EmptyTemplateOptions, nextEmptyTemplate, subsidyAt } from './empty-template.ts';
export { AUX_COMMITMENT_BYTES, type AuxTreeForm, auxCommitment } from './aux/commitment.ts';
export {
  type AuxChain,
  type AuxLeaf,
  type AuxTree,
  type AuxTreeResult,
  MAX_AUX_CHAINS,
  auxSlot,
  buildAuxTree,
} from './aux/tree.ts';
export { type AuxProofOptions, serializeAuxProof } from './aux/proof.ts';
export {
  KAWPOW_HEADER_BYTES,
  type KawpowInput,
  type KawpowSolution,
  decodeKawpowHeader,
  kawpowHeaderHash,
  serializeKawpowHeader,
  serializeKawpowInput,
} from './kawpow/header.ts';
export {
  type KawpowBlockOptions,
  type KawpowWork,
  assembleKawpowBlock,
  kawpowWork,
  parseKawpowTemplate,
} from './kawpow/work.ts';
export { BitcoinFamilyError } from './errors.ts';
