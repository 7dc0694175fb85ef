/**
 * Ravencoin's family: one block for all miners, who have nothing in it of their own but a nonce of 64 bits and
 * the mix. Built as Bitcoin's blocks are.
 */
import {
  assembleKawpowBlock,
  type BlockTemplate,
  buildFixedCoinbase,
  type KawpowWork,
  kawpowWork,
  parseKawpowTemplate,
  toDisplay,
  txidOf,
} from '@otedama/bitcoin-family';
import { epochAt, type KawpowCoin, parseAddress, targetToLe } from '@otedama/chain-params';
import type { KawpowTemplate } from '@otedama/contracts';
import type { CompletedBlock, CompletingShare, Job, JobOptions } from '../templates/job.ts';
import { condense, isSame } from './bitcoin.ts';
import { asBuffer, hexOf } from './bytes.ts';
import { epochContexts } from './epoch-contexts.ts';
import { PoolSetupError } from './errors.ts';
import type { Family } from './family.ts';

export interface KawpowPool {
  readonly id: string;
  readonly coin: KawpowCoin;
  readonly payoutAddress: string;
  readonly coinbaseTag: string;
}

interface Identity {
  readonly poolId: string;
  readonly coin: KawpowCoin;
  readonly payoutScript: Uint8Array;
  readonly coinbaseTag: Uint8Array;
}

const identityOf = ({ id, coin, payoutAddress, coinbaseTag }: KawpowPool): Identity => {
  const address = parseAddress(coin, payoutAddress);
  if (!address.ok) throw new PoolSetupError(`pool ${id}: payout address: ${address.reason}`);
  return { poolId: id, coin, payoutScript: address.scriptPubKey, coinbaseTag: Buffer.from(coinbaseTag) };
};

/** A record has the nonce in two halves. */
const nonceOf = ({ version, nonce }: CompletingShare): bigint => (BigInt(version) << 32n) | BigInt(nonce);

const complete = (
  coin: KawpowCoin,
  template: BlockTemplate,
  { input }: KawpowWork,
  coinbase: Uint8Array,
  share: CompletingShare,
): CompletedBlock => ({
  coin: coin.id,
  height: template.height,
  networkTarget: template.target,
  submission: assembleKawpowBlock({
    template,
    input,
    coinbase,
    nonce: nonceOf(share),
    mixHash: share.blockHash,
  }),
  // The chain knows the block by its proof of work.
  hash: hexOf(share.powHash),
  prevHash: toDisplay(template.previousBlockHash),
  coinbaseTxid: toDisplay(txidOf(coinbase)),
  rewardAtomic: template.coinbaseValueAtomic,
  verifiedHash: undefined,
});

const buildJob = (pool: Identity, options: JobOptions<BlockTemplate>): Job<KawpowTemplate> => {
  const { body, jobKey, uniqueTag, cleanJobs, nowMs } = options;
  const coinbase = buildFixedCoinbase({
    height: body.height,
    valueAtomic: body.coinbaseValueAtomic,
    payoutScript: pool.payoutScript,
    tag: pool.coinbaseTag,
    flags: body.coinbaseFlags,
    uniqueTag,
    witnessCommitment: body.witnessCommitment,
  });
  const work = kawpowWork(pool.coin, body, coinbase);
  const { headerHash, seedHash, epoch } = work;
  const { height, bits, target: networkTarget } = body;
  return {
    template: {
      family: 'kawpow',
      poolId: pool.poolId,
      jobKey,
      height,
      networkTarget,
      cleanJobs,
      createdAtMs: nowMs,
      headerHash,
      seedHash,
      epoch,
      bits,
    },
    verifierJob: {
      headerHash: asBuffer(headerHash),
      blockNumber: height,
      networkTarget: asBuffer(targetToLe(networkTarget)),
    },
    contexts: epochContexts(height, epochAt(pool.coin, height)),
    rewardAtomic: body.coinbaseValueAtomic,
    get transactions() {
      return body.transactions.map(({ data }) => data);
    },
    completions: (share) => [complete(pool.coin, body, work, coinbase, share)],
  };
};

export const kawpowFamily = (pool: KawpowPool): Family<BlockTemplate, KawpowTemplate> => {
  const identity = identityOf(pool);
  return {
    parse: (value) => parseKawpowTemplate(pool.coin, value),
    tipOf: ({ previousBlockHash, height }) => ({ prevHash: toDisplay(previousBlockHash), height }),
    isSame,
    condense,
    buildJob: (options) => buildJob(identity, options),
    // Its difficulty moves with every block.
    early: undefined,
  };
};
