/**
 * The vocabulary of a session: what can happen to it, what it wants done, what it knows. Effects are data;
 * an adapter carries them out and answers with events.
 */
import type { LineViolation } from '../codec/line-decoder.ts';
import type { Message } from '../codec/message.ts';
import type { ShareTarget, ShareTargets } from '../jobs/targets.ts';
import type { WorkBook } from '../jobs/work-book.ts';
import type { Work } from '../jobs/work.ts';
import type { RejectReason, ShareReject } from '../rejects.ts';
import type { Vardiff, VardiffOptions } from '../vardiff.ts';
import type { ReplyQueue } from './reply-queue.ts';
import type { ShareHistory, ShareKey } from './share-history.ts';

/** What an earlier connection leaves to the one that resumes it. */
export interface Estate {
  readonly difficulty: number;
  readonly history: ShareHistory;
}

/** A place among all sessions, live and resumable, of all gateways. */
export interface Lease {
  readonly sessionId: string;
  /** EXTRANONCE1_BYTES long, unique. */
  readonly extranonce1: Uint8Array;
  readonly estate?: Estate | undefined;
}

export interface Account {
  /** Canonical text of the payout address. */
  readonly address: string;
  readonly worker: string;
}

/** What becomes of a share, as the session needs to know it. */
export type ShareOutcome =
  | 'accepted'
  | 'low-difficulty'
  | 'unknown-job'
  | 'unverifiable'
  /** It could not be made durable, or nobody knows: it is neither acknowledged nor taken again. */
  | 'undecided';

export type SessionEvent =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'violation'; readonly violation: LineViolation }
  | { readonly kind: 'leased'; readonly lease: Lease }
  | { readonly kind: 'work'; readonly work: Work }
  | { readonly kind: 'work-stopped'; readonly reason: string }
  | { readonly kind: 'verdict'; readonly ticket: number; readonly outcome: ShareOutcome }
  /** undefined: they could not be had. */
  | { readonly kind: 'transactions'; readonly ticket: number; readonly list: readonly string[] | undefined }
  | { readonly kind: 'tick' }
  /** The pool gives the session another extranonce1. */
  | { readonly kind: 're-leased'; readonly lease: Lease }
  | { readonly kind: 'notice'; readonly text: string }
  | {
      readonly kind: 'reconnect';
      readonly target: { readonly host: string; readonly port: number } | undefined;
      readonly waitSeconds: number;
    }
  /** The peer is gone. Verdicts may still come. */
  | { readonly kind: 'disconnected' };

export type CloseReason =
  | 'handshake-timeout'
  | 'idle'
  | 'too-many-faults'
  | 'too-many-pending'
  | 'extranonce-changed'
  | 'not-durable';

/** A share that passed every check this side of its hash. */
export interface SubmittedShare {
  readonly ticket: number;
  readonly jobKey: number;
  readonly account: Account;
  readonly nTime: number;
  readonly nonce: number;
  /** Final header version. */
  readonly version: number;
  /** extranonce1 followed by extranonce2. */
  readonly extranonce: Uint8Array;
  readonly target: ShareTarget;
}

export type Effect =
  | { readonly kind: 'send'; readonly data: string | Buffer }
  /** Answer with `leased`; `sessionId` is what the miner says it had before. */
  | { readonly kind: 'lease'; readonly sessionId: string | undefined }
  | { readonly kind: 'submit'; readonly share: SubmittedShare }
  /** Answer with `transactions`, always. */
  | { readonly kind: 'transactions'; readonly ticket: number; readonly jobKey: number }
  | { readonly kind: 'authorized'; readonly account: Account }
  /** The final word on a share, once each: for counters, and for the tally of rejects. */
  | {
      readonly kind: 'counted';
      readonly outcome: 'accepted' | ShareReject;
      readonly account: Account | undefined;
    }
  /** A message was at fault: for the log and for counters. */
  | { readonly kind: 'fault'; readonly reason: RejectReason }
  | { readonly kind: 'close'; readonly reason: CloseReason };

export type AddressCheck =
  | { readonly ok: true; readonly canonical: string }
  | { readonly ok: false; readonly reason: string };

/** What all sessions of a pool share, and the session only reads. */
export interface SessionEnv {
  readonly book: WorkBook;
  readonly targets: ShareTargets;
  readonly vardiff: VardiffOptions;
  /** Whether a difficulty above the network's is kept from miners; not on chains where every hash is a block. */
  readonly ceilingByNetwork: boolean;
  /** Bits that the coin lets miners roll, until a template says otherwise. */
  readonly versionMask: number;
  readonly parseAddress: (text: string) => AddressCheck;
  /** Asked for each further worker; the adapter keeps the count. */
  readonly admitsWorker: () => boolean;
  /** Answer to client.get_version. */
  readonly serverVersion: string;
  readonly handshakeTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

/** What a job was given under. Immutable: a share is judged by its job's terms, not by today's. */
export interface Terms {
  readonly target: ShareTarget;
  readonly extranonce1: Uint8Array;
  readonly extranonce2Size: number;
  readonly versionMask: number;
}

export interface GivenJob {
  readonly work: Work;
  readonly variant: number;
  readonly terms: Terms;
}

export interface PendingShare {
  readonly id: string;
  readonly account: Account;
  readonly jobKey: number;
  readonly key: ShareKey;
  readonly difficulty: number;
}

/** Owned by `step`; the adapter may read it. */
export interface Session {
  readonly env: SessionEnv;
  readonly connectedAtMs: number;
  readonly vardiff: Vardiff;
  readonly replies: ReplyQueue;
  /** By the user name exactly as the miner writes it. */
  readonly accounts: Map<string, Account>;
  /** Oldest first. */
  readonly jobs: GivenJob[];
  readonly pending: Map<number, PendingShare>;
  history: ShareHistory;
  lease: Lease | undefined;
  /** Ticket and id of the mining.subscribe that waits for its lease. */
  subscribing: { readonly ticket: number; readonly id: string } | undefined;
  agent: string;
  /** The mask that the miner asked for, and what it got; undefined until it negotiates. */
  versionRolling: { readonly requested: number; readonly granted: number } | undefined;
  takesExtranonce: boolean;
  work: Work | undefined;
  stoppedReason: string | undefined;
  /** The difficulty that the miner was told last. */
  announced: number | undefined;
  terms: Terms | undefined;
  offences: number;
  lastMessageAtMs: number;
  transactionsAtMs: number;
  /** Pending mining.get_transactions by ticket: its id. */
  asked: { readonly ticket: number; readonly id: string } | undefined;
  closed: boolean;
}
