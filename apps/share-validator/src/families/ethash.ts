/**
 * Ethereum's family: the node builds the block and keeps it to itself. We see the hash of its header, and hand
 * back a nonce and a mix; which hash the whole block has, the chain tells afterwards.
 */
import { blockSubsidy, epochAt, epochSeed, type EthashCoin, targetToLe } from '@otedama/chain-params';
import type { EthashTemplate } from '@otedama/contracts';
import type { EthashWork, Seal } from '@otedama/daemon-rpc';
import type { CompletedBlock, CompletingShare, Job, JobOptions } from '../templates/job.ts';
import { asBuffer, hexOf } from './bytes.ts';
import { epochContexts } from './epoch-contexts.ts';
import type { Family, ParsedBody } from './family.ts';

export interface EthashPool {
  readonly id: string;
  readonly coin: EthashCoin;
}

const MAX_TARGET = (1n << 256n) - 1n;

/** The boundary is the highest hash that wins; 2^256 stands for difficulty 1. */
const targetOf = ({ boundary }: EthashWork): bigint => {
  const target = BigInt(`0x${boundary}`);
  return target > MAX_TARGET ? MAX_TARGET : target;
};

const parse = (coin: EthashCoin, value: unknown): ParsedBody<EthashWork> => {
  // The adapter has checked it; what it cannot know is the coin's epochs.
  const work = value as EthashWork;
  if (targetOf(work) === 0n) return { ok: false, reason: 'work: its boundary is zero' };
  const { seedRounds } = epochAt(coin, work.height);
  return hexOf(epochSeed(seedRounds)) === work.seedHash
    ? { ok: true, template: work }
    : { ok: false, reason: `work: its seed is not that of height ${work.height}` };
};

const complete = (coin: EthashCoin, work: EthashWork, share: CompletingShare): CompletedBlock => {
  const nonce = ((BigInt(share.version) << 32n) | BigInt(share.nonce)).toString(16).padStart(16, '0');
  const { headerHash, height, previousBlockHash } = work;
  return {
    coin: coin.id,
    height,
    networkTarget: targetOf(work),
    submission: JSON.stringify({ nonce, headerHash, mixHash: hexOf(share.blockHash), height }),
    // Until the chain tells its own.
    hash: headerHash,
    prevHash: previousBlockHash,
    coinbaseTxid: '',
    // Fees and uncles are the node's to know: the chain tells, and the books are corrected before it matures.
    rewardAtomic: blockSubsidy(coin.subsidy, height),
    verifiedHash: undefined,
  };
};

/** What the chain finds a block of ours by: the submission tells it. */
export const sealOf = (submission: string): Seal => JSON.parse(submission) as Seal;

const buildJob = (
  { id, coin }: EthashPool,
  { body, jobKey, cleanJobs, nowMs }: JobOptions<EthashWork>,
): Job<EthashTemplate> => {
  const { height } = body;
  const headerHash = Buffer.from(body.headerHash, 'hex');
  const networkTarget = targetOf(body);
  const epoch = epochAt(coin, height);
  return {
    template: {
      family: 'ethash',
      poolId: id,
      jobKey,
      height,
      networkTarget,
      cleanJobs,
      createdAtMs: nowMs,
      headerHash,
      seedHash: Buffer.from(body.seedHash, 'hex'),
      epoch: epoch.epoch,
    },
    verifierJob: {
      headerHash,
      blockNumber: height,
      networkTarget: asBuffer(targetToLe(networkTarget)),
    },
    contexts: epochContexts(height, epoch),
    rewardAtomic: blockSubsidy(coin.subsidy, height),
    transactions: [],
    completions: (share) => [complete(coin, body, share)],
  };
};

export const ethashFamily = (pool: EthashPool): Family<EthashWork, EthashTemplate> => ({
  parse: (value) => parse(pool.coin, value),
  tipOf: ({ previousBlockHash, height }) => ({ prevHash: previousBlockHash, height }),
  isSame: (a, b) => a.headerHash === b.headerHash,
  condense: (body) => body,
  buildJob: (options) => buildJob(pool, options),
  early: undefined,
});
