export { fromHex, isHex, keccak256, toHex } from './bytes.ts';
export { CryptonoteError, type CryptonoteErrorCode } from './errors.ts';
export {
  HASH_BYTES,
  MAX_BLOCK_BLOB_BYTES,
  MAX_EXTRA_BYTES,
  MAX_EXTRA_NONCE_BYTES,
  MAX_HASHING_BLOB_BYTES,
  MAX_SHARE_EXTRA_NONCE_BYTES,
  NONCE_BYTES,
} from './limits.ts';
export { type DecodedVarint, decodeVarint, encodeVarint } from './varint.ts';
export { foldTreeBranch, treeBranch, treeHash } from './tree-hash.ts';
export {
  type ExtraField,
  type LocatedNonce,
  findExtraNonce,
  parseTxExtra,
  serializeTxExtra,
} from './tx-extra.ts';
export { type MinerTx, type MinerTxOutput, RCT_TYPE_NULL, hashMinerTx } from './miner-tx.ts';
export {
  type Block,
  type BlockHeader,
  type HashingBlob,
  blockIdOf,
  hashingBlobOf,
  minerTxHashOf,
  parseBlock,
  parseHashingBlob,
  withNonce,
} from './block.ts';
export {
  type TemplateOptions,
  type TemplateParts,
  blockBlob,
  describeTemplate,
  hashingBlob,
  minerTxHash,
  templateBlob,
} from './template.ts';
export {
  EXTRA_NONCE_LAYOUT,
  type ExtraNonce,
  type ProxyTemplate,
  encodeExtraNonce,
  proxyTemplate,
} from './extra-nonce.ts';
export { SEED_EPOCH_BLOCKS, SEED_LAG_BLOCKS, nextSeedHeight, seedHeight } from './seed.ts';
export {
  type DecodedTarget,
  MAX_COMPACT_DIFFICULTY,
  type TargetBytes,
  decodeTarget,
  difficultyOfHash,
  difficultyToTarget256,
  difficultyToTarget32,
  difficultyToTarget64,
  encodeTarget,
  hashToNumber,
  meetsDifficulty,
  topWordLimit,
} from './difficulty.ts';
export { type BlockTemplate, type ParsedBlockTemplate, parseBlockTemplate } from './block-template.ts';
export { type MinerData, type ParsedMinerData, parseMinerData } from './miner-data.ts';
export { type WalletView, parseViewKey, paysWallet, viewPublicKeyOf } from './wallet-view.ts';
export {
  MAX_TIME_APART_SECONDS,
  type MinerTemplateFault,
  type MinerTemplateRules,
  type MinerTemplateVerdict,
  REWARD_LOCK_BLOCKS,
  judgeMinerTemplate,
} from './self-select.ts';
