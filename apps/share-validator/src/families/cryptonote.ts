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
  hashingBlob,
  minerTxHash,
  parseBlockTemplate,
  toHex,
  withNonce,
} from '@otedama/cryptonote';
import { targetToLe } from '@otedama/chain-params';
import type { CryptonoteTemplate } from '@otedama/contracts';
import type { CompletedBlock, CompletingShare, Job, JobOptions } from '../templates/job.ts';
import { asBuffer } from './bytes.ts';
import type { Family } from './family.ts';

/** What the daemon is asked to reserve. */
export const RESERVED_BYTES = EXTRA_NONCE_LAYOUT.bytes;

const NO_HASH = '0'.repeat(64);

/** The nonce of a record is the number whose little-endian bytes stand in the blob. */
const nonceBytes = (nonce: number): Uint8Array => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(nonce);
  return bytes;
};

const complete = ({ parts, difficulty }: BlockTemplate, share: CompletingShare): CompletedBlock => {
  const { extranonce } = share;
  const nonce = nonceBytes(share.nonce);
  const blob = withNonce(hashingBlob(parts, extranonce), parts.nonceOffset, nonce);
  const verifiedHash = toHex(share.blockHash);
  return {
    coin: 'monero',
    height: parts.height,
    networkTarget: difficultyToTarget256(difficulty),
    submission: toHex(blockBlob(parts, extranonce, nonce)),
    hash: toHex(blockIdOf(blob)),
    prevHash: toHex(parts.prevId),
    coinbaseTxid: toHex(minerTxHash(parts, extranonce)),
    rewardAtomic: parts.rewardAtomic,
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

const buildJob = (poolId: string, options: JobOptions<BlockTemplate>): Job<CryptonoteTemplate> => {
  const template = templateOf(poolId, options);
  const { body } = options;
  const seeds = [body.seedHash, body.nextSeedHash].flatMap((seed) => (seed === undefined ? [] : [seed]));
  return {
    template,
    verifierJob: {
      header: asBuffer(template.header),
      nonceOffset: template.nonceOffset,
      minerTxVersion: template.minerTxVersion,
      minerTxPrefix: asBuffer(template.minerTxPrefix),
      minerTxSuffix: asBuffer(template.minerTxSuffix),
      extraNonceBytes: template.extraNonceBytes,
      merkleBranch: asBuffer(template.merkleBranch),
      txCount: template.txCount,
      seed: asBuffer(template.seedHash),
      networkTarget: asBuffer(targetToLe(template.networkTarget)),
    },
    contexts: seeds.map((seed) => ({ seed: asBuffer(seed) })),
    // The daemon gives their ids only.
    transactions: [],
    completions: (share) => [complete(body, share)],
  };
};

export const cryptonoteFamily = (pool: {
  readonly id: string;
}): Family<BlockTemplate, CryptonoteTemplate> => ({
  parse: (value) => parseBlockTemplate(value, RESERVED_BYTES),
  tipOf: ({ parts }) => ({ prevHash: toHex(parts.prevId), height: parts.height }),
  // A template without another transaction or time differs only in the key that its reward goes to.
  isSame: (a, b) => a.parts.txCount === b.parts.txCount && a.parts.rewardAtomic === b.parts.rewardAtomic,
  condense: (body) => body,
  buildJob: (options) => buildJob(pool.id, options),
  early: undefined,
});
