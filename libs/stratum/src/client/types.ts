/**
 * The vocabulary of a pool session as its client sees it, whatever the dialect: what a device is given, what
 * it hands back, what can happen to a session and what it wants done. Sockets, timers and devices are the
 * adapter's.
 */
import type { MessageFault } from '../message.ts';

export interface ClientOptions {
  readonly user: string;
  readonly password: string;
  /** Name and version of this miner, as pools see it. */
  readonly agent: string;
  /** Header version bits this miner would roll, where a dialect has them; 0: it does not ask. */
  readonly versionMask: number;
  readonly suggestedDifficulty?: number;
  /** Of an earlier session with the same pool, to get its extranonce and difficulty back. */
  readonly sessionId?: string;
  readonly handshakeTimeoutMs: number;
  /** After this long an unanswered share counts as lost. */
  readonly replyTimeoutMs: number;
  /** After this long without a line from the pool the connection is dead. */
  readonly silenceTimeoutMs: number;
}

/** Headers made of a coinbase; numbers are numbers, bytes are as hashed. */
export interface CoinbaseTask {
  readonly kind: 'coinbase';
  readonly coinbasePrefix: Uint8Array;
  readonly coinbaseSuffix: Uint8Array;
  readonly extranonce1: Uint8Array;
  readonly extranonce2Size: number;
  /** 32 bytes each, internal order. */
  readonly merkleBranch: readonly Uint8Array[];
  /** 32 bytes, internal order. */
  readonly prevHash: Uint8Array;
  readonly version: number;
  /** Version bits that may be rolled. */
  readonly versionMask: number;
  readonly nTime: number;
  readonly bits: number;
}

/** The nonces that the pool has given: from `firstNonce` to before `endNonce`, both 64-bit numbers. */
export interface NonceSpace {
  readonly firstNonce: bigint;
  readonly endNonce: bigint;
}

/** All nonces that begin with the same bytes, which are the session's own. */
export interface PrefixedNonces extends NonceSpace {
  readonly noncePrefix: Uint8Array;
}

/** A header hash that is sealed with a 64-bit nonce and a mix: Ethash, Etchash, KawPow. */
export interface SealTask extends PrefixedNonces {
  readonly kind: 'seal';
  /** 32 bytes as the protocols show them. */
  readonly headerHash: Uint8Array;
  /** Of the block itself, or where the dialect names only its epoch, the first of that. */
  readonly blockNumber: number;
}

/** A hashing blob of RandomX. */
export interface BlobTask extends NonceSpace {
  readonly kind: 'blob';
  readonly blob: Uint8Array;
  /** Where the four little-endian bytes of the nonce go. */
  readonly nonceOffset: number;
  /** 32 bytes. */
  readonly seed: Uint8Array;
  /** The seed to come, as soon as the pool names it. */
  readonly nextSeed: Uint8Array | undefined;
}

export type ClientTask = CoinbaseTask | SealTask | BlobTask;

/** A job together with what a share of it is judged under. */
export interface ClientWork {
  /** u32, counts up within a session. */
  readonly workId: number;
  readonly jobId: string;
  /** Shares of earlier jobs are worth nothing any more. */
  readonly clean: boolean;
  readonly difficulty: number;
  /** What a share's hash must not exceed, as a number: little-endian bytes, big-endian ones for seals. */
  readonly target: bigint;
  readonly task: ClientTask;
}

/** A share as a device found it. */
export interface ClientShare {
  readonly workId: number;
  readonly nonce: bigint;
  /** 32 bytes as hashed. */
  readonly hash: Uint8Array;
  /** 32 bytes; seals only. */
  readonly mix?: Uint8Array;
  /** Headers only. */
  readonly rolled?: {
    readonly extranonce2: Uint8Array;
    readonly nTime: number;
    /** Final header version. */
    readonly version: number;
  };
}

export type ClientEvent =
  | { readonly kind: 'connected' }
  /** One line, without its end. */
  | { readonly kind: 'line'; readonly bytes: Buffer }
  | { readonly kind: 'submit'; readonly share: ClientShare }
  /** Once a second or so. */
  | { readonly kind: 'tick' };

export type ShareOutcome =
  | { readonly kind: 'accepted' }
  | {
      readonly kind: 'rejected';
      readonly stale: boolean;
      readonly code: number | undefined;
      readonly text: string;
    }
  /** Never sent: its job is gone, or too many are unanswered. */
  | { readonly kind: 'dropped'; readonly reason: 'stale' | 'too-many-pending' }
  /** Sent, and no answer came. */
  | { readonly kind: 'unanswered' };

export type CloseReason =
  | 'handshake-timeout'
  | 'silence'
  | 'subscribe-refused'
  | 'unauthorized'
  | 'extranonce-unusable'
  | 'wrong-algorithm'
  | 'too-many-faults';

export type PoolFault = MessageFault | 'bad-params' | 'unknown-reply';

export type ClientEffect =
  | { readonly kind: 'send'; readonly line: string }
  /** Logged in: from here on the pool is in use. */
  | { readonly kind: 'ready'; readonly sessionId: string | undefined }
  | { readonly kind: 'work'; readonly work: ClientWork }
  | {
      readonly kind: 'verdict';
      readonly outcome: ShareOutcome;
      readonly difficulty: number;
      /** From sending the share to the answer; absent: there is none. */
      readonly waitedMs?: number;
    }
  /** Text for people, cleaned and cut. */
  | { readonly kind: 'message'; readonly text: string }
  /** Absent: the same place again. The adapter decides whether it goes there (`mayFollow`). */
  | {
      readonly kind: 'reconnect';
      readonly host: string | undefined;
      readonly port: number | undefined;
      readonly waitMs: number;
    }
  | { readonly kind: 'fault'; readonly fault: PoolFault }
  | { readonly kind: 'close'; readonly reason: CloseReason; readonly text: string };

/** One connection to one pool, as the adapter drives it. */
export interface PoolSession {
  /** Shares sent and not answered yet. */
  readonly inFlight: number;
  step(event: ClientEvent, nowMs: number): readonly ClientEffect[];
}

/** A protocol that a pool speaks, as its client sees it. */
export interface PoolDialect {
  open(options: ClientOptions): PoolSession;
}
