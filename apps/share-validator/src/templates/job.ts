/**
 * A template of a daemon made into a job: what the gateways publish, what the native verifier judges by, and
 * how a share of it becomes a block. What only a family knows is closed in here.
 */
import type {
  CoinbasePayout,
  PayeeSnapshot,
  PoolTemplate,
  ShareRecord,
  TraceContext,
} from '@otedama/contracts';
import type { AuxWorkSet } from '../aux/aux-work.ts';
import type { BlobTemplate, VerifierContext, VerifierJob } from '../shares/share-verifier.ts';

export interface JobOptions<Body> {
  readonly body: Body;
  readonly jobKey: number;
  /** Bytes that no other job of any process has in its coinbase. */
  readonly uniqueTag: Uint8Array;
  readonly cleanJobs: boolean;
  readonly nowMs: number;
  /** What is mined below this chain by the same work. */
  readonly aux?: AuxWorkSet | undefined;
  /** Whom the coinbase is to pay; undefined: the pool alone. */
  readonly payees?: PayeeSnapshot | undefined;
  /** Of the span that it was given out in; undefined: it is not traced. */
  readonly trace?: TraceContext | undefined;
}

/** What a share has of its own, as the batch keeps it. */
export type CompletingShare = Pick<
  ShareRecord,
  'extranonce' | 'version' | 'nTime' | 'nonce' | 'powHash' | 'blockHash'
>;

/** A block of the pool's chain, or of one that is mined below it. */
export interface CompletedBlock {
  readonly coin: string;
  readonly height: number;
  readonly networkTarget: bigint;
  /** As the daemon's submission takes it. */
  readonly submission: string;
  /** Display order, like the others. */
  readonly hash: string;
  readonly prevHash: string;
  /** Empty where the daemon builds the coinbase and does not tell. */
  readonly coinbaseTxid: string;
  readonly rewardAtomic: bigint;
  /** What its coinbase pays to miners itself. */
  readonly coinbasePayout?: CoinbasePayout | undefined;
  /** The hash that the native verifier wrote, where it knows it: a difference is a defect that costs blocks. */
  readonly verifiedHash: string | undefined;
}

/** A template that a miner has brought, in parts for the verifier, or what is wrong with it. */
export type Adoption =
  | { readonly ok: true; readonly template: BlobTemplate }
  | { readonly ok: false; readonly reason: string };

export interface Job<Template extends PoolTemplate = PoolTemplate> {
  readonly template: Template;
  readonly verifierJob: VerifierJob;
  /** As in its options. */
  readonly trace?: TraceContext | undefined;
  /** What shares of it, and of its successors, are judged with: prepared before the first one comes. */
  readonly contexts: readonly VerifierContext[];
  /** What the coinbase of its block pays to miners itself. */
  readonly coinbasePayout?: CoinbasePayout | undefined;
  /** Raw transactions in hex, for miners that ask. */
  readonly transactions: readonly string[];
  /** Judges the template of a miner, whose candidates this job completes from then on. Not in every family. */
  readonly adopt?: (extraNonce: Uint8Array, blob: Uint8Array) => Adoption;
  /** What a block of it would earn, as far as its template tells. */
  readonly rewardAtomic: bigint;
  /** Every block that a candidate is, that of the pool's own chain first. */
  completions(share: CompletingShare): readonly CompletedBlock[];
}
