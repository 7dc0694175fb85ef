/**
 * What a pool needs of a coin daemon, whichever family it is of. The adapters (bitcoin-daemon, monero-daemon,
 * ethash-daemon) implement it; where a family has no counterpart, the method says so in the way noted here.
 * Hashes are lower-case hex in display order, without `0x`.
 */
import type { BlockHeaderInfo, ChainInfo, TemplateReply } from './replies.ts';
import type { SubmitResult } from './submit-result.ts';
import type { TipFeed } from './tip-feed.ts';

export interface TemplateRequest {
  /** Present: answer when the template with this id is outdated. */
  readonly longPollId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A block beside the main chain that a later block names, and is paid for in part. */
export interface UncleInclusion {
  readonly nephewHash: string;
  readonly nephewHeight: number;
}

/** What a block pays its miner beside the subsidy. */
export interface BlockIncome {
  /** Without what the chain burns or gives to others. */
  readonly feesAtomic: bigint;
  /** Heights of the uncles that it names. */
  readonly uncleHeights: readonly number[];
}

/** What marks a block whose hash is not known before the node has sealed it. */
export interface Seal {
  readonly height: number;
  /** 16 hex digits. */
  readonly nonce: string;
  readonly mixHash: string;
}

export interface SealedBlock {
  readonly hash: string;
  /** Undefined: on the main chain. */
  readonly uncleOf: UncleInclusion | undefined;
}

export interface Daemon {
  readonly name: string;
  /** Undefined: this daemon pushes nothing, or is not configured to. */
  readonly tipFeed?: TipFeed | undefined;
  /** A reply without `longPollId`: this daemon has no long poll. */
  getBlockTemplate(request: TemplateRequest): Promise<TemplateReply>;
  /**
   * `block` is text in the form of the family, see README. Never throws for what a daemon or a network does:
   * see SubmitResult.
   */
  submitBlock(block: string, signal?: AbortSignal): Promise<SubmitResult>;
  /** False: the daemon has no such method. */
  preciousBlock(hash: string): Promise<boolean>;
  getBestBlockHash(signal?: AbortSignal): Promise<string>;
  /** Undefined: the daemon does not know this block. */
  getBlockHeader(hash: string, signal?: AbortSignal): Promise<BlockHeaderInfo | undefined>;
  /** The bytes that were hashed. Undefined: the daemon does not know this block, or cannot tell them. */
  getRawBlockHeader(hash: string, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  /** Undefined: beyond the daemon's tip. */
  getBlockHash(height: number, signal?: AbortSignal): Promise<string | undefined>;
  getBlockchainInfo(signal?: AbortSignal): Promise<ChainInfo>;
  /** Only where chains have uncles. Undefined: no block of the main chain names this one (yet). */
  findUncle?(hash: string, height: number, signal?: AbortSignal): Promise<UncleInclusion | undefined>;
  /** Only where the node makes the block. Undefined: the daemon does not know this block, or not all of it. */
  getBlockIncome?(hash: string, signal?: AbortSignal): Promise<BlockIncome | undefined>;
  /** Only where the node makes the block. Undefined: no block of the main chain, or uncle of it, has this seal. */
  findSealed?(seal: Seal, signal?: AbortSignal): Promise<SealedBlock | undefined>;
  close(): void;
}
