/**
 * Monero's family: the daemon builds the whole block and reserves room in the miner transaction, where each
 * session's own extra nonce goes; whose hash a share is follows from that alone.
 */
import {
  type BlockTemplate,
  blockBlob,
  blockIdOf,
  difficultyToTarget256,
  EXTRA_NONCE_LAYOUT,
  hashingBlobOf,
  minerTxHashOf,
  parseBlock,
  parseBlockTemplate,
  toHex,
} from '@otedama/cryptonote';
import { type CryptonoteCoin, targetToLe } from '@otedama/chain-params';
import type { PoolConfig } from '@otedama/config';
import type { CryptonoteTemplate } from '@otedama/contracts';
import type { CompletedBlock, CompletingShare, Job, JobOptions } from '../templates/job.ts';
import { blobTemplateOf } from './blob-template.ts';
import { asBuffer } from './bytes.ts';
import type { Family } from './family.ts';
import { type TemplateTerms, createMinersTemplates, walletViewOf } from './miners-templates.ts';

/** What the daemon is asked to reserve. */
export const RESERVED_BYTES = EXTRA_NONCE_LAYOUT.bytes;

const NO_HASH = '0'.repeat(64);

/** The nonce of a record is the number whose little-endian bytes stand in the blob. */
const nonceBytes = (nonce: number): Uint8Array => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(nonce);
  return bytes;
};

const describeBlock = (
  blob: Uint8Array,
  { difficulty }: BlockTemplate,
  share: CompletingShare,
): CompletedBlock => {
  const block = parseBlock(blob);
  const verifiedHash = toHex(share.blockHash);
  return {
    coin: 'monero',
    height: block.minerTx.height,
    networkTarget: difficultyToTarget256(difficulty),
    submission: toHex(blob),
    hash: toHex(blockIdOf(hashingBlobOf(block))),
    prevHash: toHex(block.header.prevId),
    coinbaseTxid: toHex(minerTxHashOf(block)),
    rewardAtomic: block.minerTx.rewardAtomic,
    verifiedHash: verifiedHash === NO_HASH ? undefined : verifiedHash,
  };
};

const templateOf = (
  poolId: string,
  { body, jobKey, cleanJobs, nowMs }: JobOptions<BlockTemplate>,
): CryptonoteTemplate => {
  const { height, majorVersion, prevId, header, nonceOffset, ...parts } = body.parts;
  const { minerTxVersion, minerTxPrefix, minerTxSuffix, extraNonceBytes } = parts;
  return {
    family: 'cryptonote',
    poolId,
    jobKey,
    height,
    networkTarget: difficultyToTarget256(body.difficulty),
    cleanJobs,
    createdAtMs: nowMs,
    majorVersion,
    prevId,
    seedHash: body.seedHash,
    nextSeedHash: body.nextSeedHash,
    header,
    nonceOffset,
    minerTxVersion,
    minerTxPrefix,
    minerTxSuffix,
    extraNonceBytes,
    merkleBranch: parts.merkleBranch,
    txCount: parts.txCount,
    txHashes: parts.txHashes,
  };
};

const buildJob = (
  poolId: string,
  terms: TemplateTerms,
  options: JobOptions<BlockTemplate>,
): Job<CryptonoteTemplate> => {
  const template = templateOf(poolId, options);
  const { body } = options;
  const miners = createMinersTemplates(body, terms);
  const seeds = [body.seedHash, body.nextSeedHash].flatMap((seed) => (seed === undefined ? [] : [seed]));
  return {
    template,
    verifierJob: {
      ...blobTemplateOf(template),
      seed: asBuffer(template.seedHash),
      networkTarget: asBuffer(targetToLe(template.networkTarget)),
    },
    contexts: seeds.map((seed) => ({ seed: asBuffer(seed) })),
    rewardAtomic: body.parts.rewardAtomic,
    // The daemon gives their ids only.
    transactions: [],
    adopt: miners.adopt,
    completions(share) {
      const { extranonce } = share;
      const nonce = nonceBytes(share.nonce);
      const blob =
        extranonce.length === RESERVED_BYTES
          ? blockBlob(body.parts, extranonce, nonce)
          : miners.blockOf(extranonce, nonce);
      return blob === undefined ? [] : [describeBlock(blob, body, share)];
    },
  };
};

export const cryptonoteFamily = (
  pool: Pick<PoolConfig, 'id' | 'payoutAddress' | 'viewKey'> & { readonly coin: CryptonoteCoin },
): Family<BlockTemplate, CryptonoteTemplate> => {
  const terms = { payee: walletViewOf(pool), leastRewardAtomic: pool.coin.subsidy.tailAtomic };
  return {
    parse: (value) => parseBlockTemplate(value, RESERVED_BYTES),
    tipOf: ({ parts }) => ({ prevHash: toHex(parts.prevId), height: parts.height }),
    // A template without another transaction or time differs only in the key that its reward goes to.
    isSame: (a, b) => a.parts.txCount === b.parts.txCount && a.parts.rewardAtomic === b.parts.rewardAtomic,
    condense: (body) => body,
    buildJob: (options) => buildJob(pool.id, terms, options),
    early: undefined,
  };
};
