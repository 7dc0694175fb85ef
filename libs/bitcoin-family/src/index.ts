export { fromDisplay, fromStratumPrevHash, stratumPrevHash, toDisplay } from './bytes.ts';
export { sha256d, txidOf } from './hash.ts';
export { type BlockHeader, HEADER_BYTES, decodeHeader, serializeHeader } from './header.ts';
export { foldMerkle, merkleBranch, merkleRoot } from './merkle.ts';
export { witnessCommitmentScript, witnessRoot } from './witness.ts';
export {
  type BlockTemplate,
  type ParsedTemplate,
  type TemplateTransaction,
  parseBlockTemplate,
} from './template.ts';
export {
  type CoinbaseOptions,
  type CoinbaseOutput,
  type CoinbaseParts,
  MAX_COINBASE_SCRIPT,
  buildCoinbase,
} from './coinbase.ts';
export { type BlockOptions, assembleBlock } from './block.ts';
export { type EmptyTemplateOptions, nextEmptyTemplate, subsidyAt } from './empty-template.ts';
export { BitcoinFamilyError } from './errors.ts';
