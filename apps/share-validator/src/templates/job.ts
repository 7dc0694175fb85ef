/**
 * A template of the daemon made into a job: what gateways publish, what the native verifier needs, and the
 * body that a found block is built from. Pure.
 */
import { type BlockTemplate, buildCoinbase, merkleBranch } from '@otedama/bitcoin-family';
import { targetToLe } from '@otedama/chain-params';
import type { PoolTemplate } from '@otedama/contracts';
import type { VerifierJob } from '../shares/share-verifier.ts';

/** Of extranonce1 and extranonce2 together: room for a gateway prefix, a session and 4 bytes for a proxy. */
export const EXTRANONCE_SIZE = 12;
/** Consensus: a block may be at most two hours ahead of a node's clock. */
const MAX_FUTURE_SECONDS = 7200;

export interface JobIdentity {
  readonly poolId: string;
  readonly versionMask: number;
  readonly payoutScript: Uint8Array;
  readonly coinbaseTag: Uint8Array;
}

export interface JobOptions {
  readonly body: BlockTemplate;
  readonly jobKey: number;
  /** Bytes that no other job of any process has in its coinbase. */
  readonly uniqueTag: Uint8Array;
  readonly cleanJobs: boolean;
  readonly nowMs: number;
}

export interface Job {
  readonly template: PoolTemplate;
  readonly body: BlockTemplate;
}

export const buildJob = (pool: JobIdentity, options: JobOptions): Job => {
  const { body, jobKey, uniqueTag, cleanJobs, nowMs } = options;
  const coinbase = buildCoinbase({
    height: body.height,
    valueAtomic: body.coinbaseValueAtomic,
    payoutScript: pool.payoutScript,
    tag: pool.coinbaseTag,
    flags: body.coinbaseFlags,
    uniqueTag,
    extranonceSize: EXTRANONCE_SIZE,
    witnessCommitment: body.witnessCommitment,
  });
  const template: PoolTemplate = {
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
  return { template, body };
};

/** The native side takes Buffers; a Uint8Array of ours is viewed, not copied. */
const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

export const verifierJob = ({ template }: Job): VerifierJob => ({
  coinbasePrefix: asBuffer(template.coinbasePrefix),
  coinbaseSuffix: asBuffer(template.coinbaseSuffix),
  merkleBranch: Buffer.concat(template.merkleBranch),
  prevHash: asBuffer(template.prevHash),
  bits: template.bits,
  networkTarget: asBuffer(targetToLe(template.networkTarget)),
});
