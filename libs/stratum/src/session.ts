/**
 * The vocabulary of a session in any dialect: what can happen to it, what it wants done, what every one of
 * them knows. Effects are data; an adapter carries them out and answers with events.
 */
import type { LineViolation } from './line-decoder.ts';
import type { Message } from './message.ts';
import type { RejectReason, ShareReject } from './rejects.ts';
import type { ReplyQueue } from './reply-queue.ts';
import type { ShareHistory, ShareKey } from './share-history.ts';
import type { ShareTarget, ShareTargets } from './share-targets.ts';
import type { Vardiff, VardiffOptions } from './vardiff.ts';
import type { WorkBook } from './work-book.ts';

/** What an earlier connection leaves to the one that resumes it. */
export interface Estate {
  readonly difficulty: number;
  readonly history: ShareHistory;
}

/** A place among all sessions, live and resumable, of all gateways. */
export interface Lease {
  readonly sessionId: string;
  /** Unique among all sessions of the pool; its length is the dialect's. */
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

/** What becomes of a template that a miner brought. */
export type TemplateOutcome =
  | { readonly kind: 'adopted' }
  /** `detail` is our own wording, for the miner. */
  | { readonly kind: 'stale' | 'refused'; readonly detail: string }
  /** Nobody could be asked. */
  | { readonly kind: 'unchecked' };

/** `Work` is a dialect's own form of a template. */
export type SessionEvent<Work> =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'violation'; readonly violation: LineViolation }
  | { readonly kind: 'leased'; readonly lease: Lease }
  | { readonly kind: 'work'; readonly work: Work }
  | { readonly kind: 'work-stopped'; readonly reason: string }
  | { readonly kind: 'verdict'; readonly ticket: number; readonly outcome: ShareOutcome }
  /** undefined: they could not be had. */
  | { readonly kind: 'transactions'; readonly ticket: number; readonly list: readonly string[] | undefined }
  | { readonly kind: 'template-judged'; readonly ticket: number; readonly outcome: TemplateOutcome }
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
  | 'not-durable'
  /** The miner said goodbye. */
  | 'left';

/** A share that passed every check this side of its hash; the fields are the batch's (docs/adr/0008). */
export interface SubmittedShare {
  readonly ticket: number;
  readonly jobKey: number;
  readonly account: Account;
  /** 0 where the miner has no say in it. */
  readonly nTime: number;
  /** Of a 64-bit nonce the low half. */
  readonly nonce: number;
  /** Final header version, or the high half of a 64-bit nonce. */
  readonly version: number;
  /** All that a session has of its own in a block, as it is hashed. */
  readonly extranonce: Uint8Array;
  /** 32 bytes, as the miner sent it in the order of the hash function; proofs that have one only. */
  readonly mix?: Uint8Array;
  readonly target: ShareTarget;
  /** The session has never had a share accepted: whether it works at all is not known. */
  readonly unproven: boolean;
}

export type Effect =
  | { readonly kind: 'send'; readonly data: string | Buffer }
  /** Answer with `leased`; `sessionId` is what the miner says it had before. */
  | { readonly kind: 'lease'; readonly sessionId: string | undefined }
  | { readonly kind: 'submit'; readonly share: SubmittedShare }
  /** Answer with `transactions`, always. */
  | { readonly kind: 'transactions'; readonly ticket: number; readonly jobKey: number }
  /** The miner brings a template of its own for the job. Answer with `template-judged`, always. */
  | {
      readonly kind: 'adopt';
      readonly ticket: number;
      readonly jobKey: number;
      readonly extraNonce: Uint8Array;
      readonly blob: Uint8Array;
    }
  /** Lines of this peer may be so long from now on. */
  | { readonly kind: 'line-limit'; readonly bytes: number }
  | { readonly kind: 'authorized'; readonly account: Account }
  /** The final word on a share, once each: for counters, and for the tally of rejects. */
  | {
      readonly kind: 'counted';
      readonly outcome: 'accepted' | ShareReject;
      readonly account: Account | undefined;
    }
  /** Whoever mines for the account wants it paid from this balance on, in coins. */
  | { readonly kind: 'payout-wish'; readonly account: Account; readonly minimum: string }
  /** A message was at fault: for the log and for counters. */
  | { readonly kind: 'fault'; readonly reason: RejectReason }
  | { readonly kind: 'close'; readonly reason: CloseReason };

export type AddressCheck =
  | { readonly ok: true; readonly canonical: string }
  | { readonly ok: false; readonly reason: string };

/** What all sessions of a pool share, and a session only reads. */
export interface CoreEnv {
  readonly targets: ShareTargets;
  readonly vardiff: VardiffOptions;
  /** Whether a difficulty above the network's is kept from miners; not on chains where every hash is a block. */
  readonly ceilingByNetwork: boolean;
  readonly parseAddress: (text: string) => AddressCheck;
  /** Why a session may not name a further worker of an account; the adapter keeps the counts. */
  readonly refusesWorker: (session: SessionCore, account: Account) => RejectReason | undefined;
  /** What the pool calls itself where a dialect asks. */
  readonly serverVersion: string;
  readonly handshakeTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

/** How a dialect says what every session has to say: whole lines with their line ends. */
export interface Wording {
  accepted(id: string): string;
  /** `detail` is our own wording of what exactly was wrong, never text of the peer. */
  refused(id: string, reason: RejectReason, detail?: string): string;
  /** For the miner's owner to read; undefined where the dialect has no way. */
  notice(text: string): string | undefined;
}

export interface PendingShare {
  /** JSON text of the id. */
  readonly id: string;
  readonly account: Account;
  readonly jobKey: number;
  readonly key: ShareKey;
  readonly difficulty: number;
  readonly claimed: boolean;
}

/** What every session keeps, whatever its dialect. Owned by the dialect's step; the adapter may read it. */
export interface SessionCore {
  readonly connectedAtMs: number;
  readonly vardiff: Vardiff;
  /** Shares wait in it for their verdicts. */
  readonly replies: ReplyQueue<PendingShare>;
  /** By the user name exactly as the miner writes it. */
  readonly accounts: Map<string, Account>;
  wording: Wording;
  history: ShareHistory;
  lease: Lease | undefined;
  agent: string;
  stoppedReason: string | undefined;
  /** What the miner has wished about its payouts and nobody was told yet. */
  minimumPayout: string | undefined;
  offences: number;
  /** Accepted shares of this session. */
  accepted: number;
  lastMessageAtMs: number;
  closed: boolean;
  /** It needs nothing of new work but the line that is the same for all; never in dialects that have none. */
  follows: boolean;
}

/** One miner's side of a dialect, as the adapter drives it. */
export interface MinerSession<Work> {
  readonly core: SessionCore;
  step(event: SessionEvent<Work>, nowMs: number): readonly Effect[];
  /**
   * While it followed it was sent the common lines of new works, this one's at last; to be told before its next step.
   * So new work costs ten thousand sessions no step each.
   */
  catchUp?(work: Work, nowMs: number): void;
}

/** What a template is to every dialect. */
export interface TemplateHead {
  readonly jobKey: number;
  readonly height: number;
  readonly networkTarget: bigint;
  readonly cleanJobs: boolean;
}

/** A protocol that a pool's port speaks: makes works of templates and sessions of connections. */
export interface Dialect<Template extends TemplateHead, Work> {
  readonly book: WorkBook<Template, Work>;
  /** Length of the extranonce1 that its sessions lease. */
  readonly extranonce1Bytes: number;
  /** Its miners can name the session that they had before. */
  readonly resumes: boolean;
  open(nowMs: number): MinerSession<Work>;
  /**
   * What sessions that follow are sent for new work. Undefined: it differs from the work before in more than a job,
   * and each session has to be told by an event.
   */
  commonLine?(before: Work, work: Work, clean: boolean): Buffer | undefined;
}
