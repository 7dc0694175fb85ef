/** Bitcoin's family: a coinbase around a gap for the extranonce, and the block from a share. */
import {
  assembleBlock,
  auxCommitment,
  type BlockTemplate,
  buildCoinbase,
  type CoinbaseOptions,
  type CoinbaseParts,
  foldMerkle,
  merkleBranch,
  nextEmptyTemplate,
  parseBlockTemplate,
  serializeHeader,
  sha256d,
  type TemplateTransaction,
  toDisplay,
  txidOf,
} from '@otedama/bitcoin-family';
import { type BitcoinCoin, parseAddress, targetFromLe, targetToLe } from '@otedama/chain-params';
import type { BitcoinTemplate } from '@otedama/contracts';
import type { CompletedBlock, CompletingShare, Job, JobOptions } from '../templates/job.ts';
import { asBuffer } from './bytes.ts';
import { completeAuxBlocks } from '../aux/aux-blocks.ts';
import { easiestTarget } from '../aux/aux-work.ts';
import { createPlanPayout, type PaidCoinbase, type PlanPayout } from './coinbase-payout.ts';
import { PoolSetupError } from './errors.ts';
import type { EarlyWork, Family } from './family.ts';

/** Of extranonce1 and extranonce2 together: room for a gateway prefix, a session and 4 bytes for a proxy. */
export const EXTRANONCE_SIZE = 12;
/** Consensus: a block may be at most two hours ahead of a node's clock. */
const MAX_FUTURE_SECONDS = 7200;
const HEADER_BYTES = 80;
const PROBE_HEIGHT = 100_000_000;
const PROBE_TAG_BYTES = 8;

export interface BitcoinPool {
  readonly id: string;
  readonly coin: BitcoinCoin;
  readonly payoutAddress: string;
  readonly coinbaseTag: string;
  readonly mergedChains: readonly unknown[];
  readonly feeBasisPoints: number;
  readonly coinbasePayout?: { readonly maxCoinbaseBytes: number } | undefined;
}

interface Identity {
  readonly poolId: string;
  readonly coin: string;
  readonly versionMask: number;
  readonly payoutScript: Uint8Array;
  readonly coinbaseTag: Uint8Array;
  /** Undefined where the coinbase pays the pool alone. */
  readonly planPayout: PlanPayout | undefined;
}

/** A commitment as long as any, for the probe. */
const PROBE_COMMITMENT = auxCommitment(Buffer.alloc(32), { size: 1, nonce: 0 });

/** A pool whose blocks could not be built or paid must not start: nobody would notice before the first block. */
const identityOf = (pool: BitcoinPool): Identity => {
  const { id, coin, payoutAddress, coinbaseTag, mergedChains, feeBasisPoints, coinbasePayout } = pool;
  const address = parseAddress(coin, payoutAddress);
  if (!address.ok) throw new PoolSetupError(`pool ${id}: payout address: ${address.reason}`);
  const tag = Buffer.from(coinbaseTag, 'utf8');
  try {
    buildCoinbase({
      height: PROBE_HEIGHT,
      valueAtomic: 0n,
      payoutScript: address.scriptPubKey,
      tag,
      uniqueTag: Buffer.alloc(PROBE_TAG_BYTES),
      extranonceSize: EXTRANONCE_SIZE,
      auxCommitment: mergedChains.length > 0 ? PROBE_COMMITMENT : undefined,
    });
  } catch (cause) {
    throw new PoolSetupError(`pool ${id}: coinbase tag: ${String(cause)}`, { cause });
  }
  return {
    poolId: id,
    coin: coin.id,
    versionMask: coin.versionRollingMask,
    payoutScript: address.scriptPubKey,
    coinbaseTag: tag,
    planPayout: coinbasePayout && createPlanPayout({ coin, feeBasisPoints, ...coinbasePayout }),
  };
};

const coinbaseOptions = (
  pool: Identity,
  { body, uniqueTag, aux }: JobOptions<BlockTemplate>,
): CoinbaseOptions => ({
  height: body.height,
  valueAtomic: body.coinbaseValueAtomic,
  payoutScript: pool.payoutScript,
  tag: pool.coinbaseTag,
  flags: body.coinbaseFlags,
  uniqueTag,
  extranonceSize: EXTRANONCE_SIZE,
  witnessCommitment: body.witnessCommitment,
  auxCommitment: aux?.tree.commitment,
});

const bytesOf = ({ prefix, suffix }: CoinbaseParts): number =>
  prefix.length + EXTRANONCE_SIZE + suffix.length;

interface MadeCoinbase extends CoinbaseParts {
  readonly paid: PaidCoinbase | undefined;
}

const makeCoinbase = (pool: Identity, job: JobOptions<BlockTemplate>): MadeCoinbase => {
  const options = coinbaseOptions(pool, job);
  const bare = buildCoinbase(options);
  const { body, payees } = job;
  if (pool.planPayout === undefined || payees === undefined) return { ...bare, paid: undefined };
  const paid = pool.planPayout({ body, payees, bareBytes: bytesOf(bare) });
  return { ...buildCoinbase({ ...options, extraOutputs: paid.outputs }), paid };
};

const templateOf = (
  pool: Identity,
  { body, jobKey, cleanJobs, nowMs }: JobOptions<BlockTemplate>,
  coinbase: CoinbaseParts,
): BitcoinTemplate => {
  return {
    family: 'bitcoin',
    poolId: pool.poolId,
    jobKey,
    height: body.height,
    prevHash: body.previousBlockHash,
    // Firmware that XORs rolled bits into the version needs zeros there.
    version: (body.version & ~pool.versionMask) >>> 0,
    versionMask: pool.versionMask,
    bits: body.bits,
    networkTarget: body.target,
    time: body.currentTime,
    minTime: body.minTime,
    maxTime: body.currentTime + MAX_FUTURE_SECONDS,
    coinbasePrefix: coinbase.prefix,
    coinbaseSuffix: coinbase.suffix,
    extranonceSize: EXTRANONCE_SIZE,
    merkleBranch: merkleBranch(body.transactions.map(({ txid }) => txid)),
    cleanJobs,
    createdAtMs: nowMs,
  };
};

interface Completed {
  readonly coinbase: Uint8Array;
  /** Internal order. */
  readonly coinbaseTxid: Uint8Array;
  readonly header: Uint8Array;
}

const assemble = (template: BitcoinTemplate, share: CompletingShare): Completed => {
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
  return { coinbase, coinbaseTxid, header };
};

const ownBlock = (
  { coin }: Identity,
  template: BitcoinTemplate,
  body: BlockTemplate,
  { coinbase, coinbaseTxid, header }: Completed,
): Omit<CompletedBlock, 'verifiedHash' | 'coinbasePayout'> => ({
  coin,
  height: template.height,
  networkTarget: template.networkTarget,
  submission: assembleBlock({ template: body, header, coinbase }),
  hash: toDisplay(sha256d(header)),
  prevHash: toDisplay(template.prevHash),
  coinbaseTxid: toDisplay(coinbaseTxid),
  rewardAtomic: body.coinbaseValueAtomic,
});

/** The native side looks for the easiest target; with several chains it is seen here which ones are met. */
const completions = (
  pool: Identity,
  template: BitcoinTemplate,
  { body, aux, coinbasePayout }: JobOptions<BlockTemplate> & Pick<CompletedBlock, 'coinbasePayout'>,
  share: CompletingShare,
): readonly CompletedBlock[] => {
  const made = assemble(template, share);
  const own = (): CompletedBlock => ({
    ...ownBlock(pool, template, body, made),
    coinbasePayout,
    verifiedHash: toDisplay(share.blockHash),
  });
  if (aux === undefined) return [own()];
  const powHash = targetFromLe(share.powHash);
  const auxBlocks = completeAuxBlocks(aux, { ...made, coinbaseBranch: template.merkleBranch, powHash });
  return powHash <= template.networkTarget ? [own(), ...auxBlocks] : auxBlocks;
};

const buildJob = (pool: Identity, options: JobOptions<BlockTemplate>): Job<BitcoinTemplate> => {
  const coinbase = makeCoinbase(pool, options);
  const template = templateOf(pool, options, coinbase);
  const { body, aux } = options;
  const coinbasePayout = coinbase.paid?.payout;
  return {
    template,
    verifierJob: {
      coinbasePrefix: asBuffer(template.coinbasePrefix),
      coinbaseSuffix: asBuffer(template.coinbaseSuffix),
      merkleBranch: Buffer.concat(template.merkleBranch),
      prevHash: asBuffer(template.prevHash),
      bits: template.bits,
      networkTarget: asBuffer(targetToLe(easiestTarget(template.networkTarget, aux))),
    },
    contexts: [],
    rewardAtomic: body.coinbaseValueAtomic,
    coinbasePayout,
    get transactions() {
      return body.transactions.map(({ data }) => data);
    },
    completions: (share) => completions(pool, template, { ...options, coinbasePayout }, share),
  };
};

export const isSame = (a: BlockTemplate, b: BlockTemplate): boolean =>
  a.coinbaseValueAtomic === b.coinbaseValueAtomic &&
  a.bits === b.bits &&
  a.transactions.length === b.transactions.length;

/**
 * Consecutive templates of one tip hold mostly the same transactions, megabytes of them: keeping one copy of
 * each makes twenty jobs cost little more than one.
 */
export const condense = (body: BlockTemplate, previous: BlockTemplate): BlockTemplate => {
  if (previous.transactions.length === 0) return body;
  const key = ({ txid }: TemplateTransaction): string => Buffer.from(txid).toString('latin1');
  const known = new Map(previous.transactions.map((transaction) => [key(transaction), transaction]));
  const transactions = body.transactions.map((transaction) => {
    const same = known.get(key(transaction));
    // A transaction may come again with another witness, and then the block needs the new bytes.
    return same !== undefined && same.data === transaction.data ? same : transaction;
  });
  return { ...body, transactions };
};

const earlyWork = (coin: BitcoinCoin): EarlyWork<BlockTemplate> => ({
  next: (previous, tipHeader, nowSeconds) => nextEmptyTemplate({ coin, previous, tipHeader, nowSeconds }),
  isDisproved: (early, full) =>
    early.bits !== full.bits || early.coinbaseValueAtomic > full.coinbaseValueAtomic,
  hashOf: (header) => toDisplay(sha256d(header)),
  headerOf: (submission) => Buffer.from(submission.slice(0, 2 * HEADER_BYTES), 'hex'),
});

export const bitcoinFamily = (pool: BitcoinPool): Family<BlockTemplate, BitcoinTemplate> => {
  const identity = identityOf(pool);
  return {
    parse: parseBlockTemplate,
    tipOf: ({ previousBlockHash, height }) => ({ prevHash: toDisplay(previousBlockHash), height }),
    isSame,
    condense,
    buildJob: (options) => buildJob(identity, options),
    early: earlyWork(pool.coin),
  };
};
