/**
 * What share-validator tells the gateways to mine: the parts of a block that a miner needs, one form for each
 * family of coins. Subject `template.<pool>`, last value kept, so that a new gateway has work in its first
 * millisecond.
 */

/** What a template is in every family. */
export interface TemplateHead {
  readonly poolId: string;
  /** u32 that shares name; unique for the pool while any of its jobs can be alive, also across restarts. */
  readonly jobKey: number;
  readonly height: number;
  readonly networkTarget: bigint;
  /** The previous block changed: older work is stale. */
  readonly cleanJobs: boolean;
  readonly createdAtMs: number;
}

/** The coinbase is already built around a gap for the extranonce. */
export interface BitcoinTemplate extends TemplateHead {
  readonly family: 'bitcoin';
  /** 32 bytes, internal order. */
  readonly prevHash: Uint8Array;
  /** Header version; bits inside `versionMask` are zero (QUIRKS.md of stratum-v1 says why). */
  readonly version: number;
  readonly versionMask: number;
  readonly bits: number;
  /** Seconds since 1970: the time that miners start from, and the range they may use. */
  readonly time: number;
  readonly minTime: number;
  readonly maxTime: number;
  /** Legacy (no witness) serialisation before and after the extranonce. */
  readonly coinbasePrefix: Uint8Array;
  readonly coinbaseSuffix: Uint8Array;
  /** Bytes of extranonce1 and extranonce2 together. */
  readonly extranonceSize: number;
  /** 32 bytes each, internal order, from the leaf upwards. */
  readonly merkleBranch: readonly Uint8Array[];
}

/** The parts of `libs/cryptonote`, from which each session's own hashing blob is made. */
export interface CryptonoteTemplate extends TemplateHead {
  readonly family: 'cryptonote';
  /** Major version of the block: decides the variant of the hash. */
  readonly majorVersion: number;
  readonly prevId: Uint8Array;
  /** Keys of RandomX; the next one as soon as it is known. */
  readonly seedHash: Uint8Array;
  readonly nextSeedHash: Uint8Array | undefined;
  /** Up to and with the nonce. */
  readonly header: Uint8Array;
  readonly nonceOffset: number;
  readonly minerTxVersion: 1 | 2;
  readonly minerTxPrefix: Uint8Array;
  readonly minerTxSuffix: Uint8Array;
  readonly extraNonceBytes: number;
  /** 32 bytes each, flat, from the leaf upwards. */
  readonly merkleBranch: Uint8Array;
  /** With the miner transaction. */
  readonly txCount: number;
  /** Ids of the other transactions, flat: for miners that build the block themselves. */
  readonly txHashes: Uint8Array;
}

/** Nothing in it is the miner's but a nonce of 64 bits and the mix: Ethash, Etchash, KawPow. */
interface SealedTemplate extends TemplateHead {
  /** 32 bytes, in the order they are shown and hashed. */
  readonly headerHash: Uint8Array;
  readonly seedHash: Uint8Array;
  readonly epoch: number;
}

export interface EthashTemplate extends SealedTemplate {
  readonly family: 'ethash';
}

export interface KawpowTemplate extends SealedTemplate {
  readonly family: 'kawpow';
  readonly bits: number;
}

export type PoolTemplate = BitcoinTemplate | CryptonoteTemplate | EthashTemplate | KawpowTemplate;

/** Mining on this pool must stop: its daemons are gone, stale or behind their peers. */
export interface TemplateStopped {
  readonly poolId: string;
  readonly stopped: true;
  readonly reason: string;
}

export type TemplateUpdate = PoolTemplate | TemplateStopped;
export const isStopped = (update: TemplateUpdate): update is TemplateStopped => 'stopped' in update;
