/**
 * The client's half of a Stratum V1 session as data: what it knows, what can happen to it, what it wants
 * done. `step.ts` holds the rules; sockets, timers and devices are the adapter's.
 */
import type { Algorithm } from '@otedama/chain-params';

export interface ClientOptions {
  readonly algorithm: Algorithm;
  readonly user: string;
  readonly password: string;
  /** Sent with mining.subscribe and as the answer to client.get_version. */
  readonly agent: string;
  /** Version bits this miner would roll; 0: it does not ask. */
  readonly versionMask: number;
  readonly suggestedDifficulty?: number;
  /** Of an earlier subscription to the same pool, to get its extranonce and difficulty back. */
  readonly sessionId?: string;
  readonly handshakeTimeoutMs: number;
  /** After this long an unanswered share counts as lost. */
  readonly replyTimeoutMs: number;
  /** After this long without a line from the pool the connection is dead. */
  readonly silenceTimeoutMs: number;
}

/** A job as mining.notify gives it; numbers are numbers, bytes are as hashed. */
export interface NotifiedJob {
  readonly jobId: string;
  /** 32 bytes, internal order. */
  readonly prevHash: Uint8Array;
  readonly coinbasePrefix: Uint8Array;
  readonly coinbaseSuffix: Uint8Array;
  /** 32 bytes each, internal order. */
  readonly merkleBranch: readonly Uint8Array[];
  readonly version: number;
  readonly bits: number;
  readonly nTime: number;
  readonly clean: boolean;
}

export interface Extranonce {
  readonly extranonce1: Uint8Array;
  readonly extranonce2Size: number;
}

/** A job together with what a share of it is judged under. */
export interface ClientWork extends NotifiedJob, Extranonce {
  /** u32, counts up within a session. */
  readonly workId: number;
  readonly versionMask: number;
  readonly difficulty: number;
  /** 32 bytes, little-endian number. */
  readonly targetLe: Uint8Array;
}

/** A share as a device found it. */
export interface ClientShare {
  readonly workId: number;
  readonly extranonce2: Uint8Array;
  readonly nTime: number;
  readonly nonce: number;
  /** Final header version. */
  readonly version: number;
}

export interface PendingSubmit {
  readonly difficulty: number;
  readonly sentAtMs: number;
}

export interface ClientState {
  readonly options: ClientOptions;
  readonly phase: 'new' | 'handshake' | 'ready' | 'closed';
  readonly connectedAtMs: number;
  readonly lastLineAtMs: number;
  readonly nextId: number;
  readonly nextWorkId: number;
  readonly sessionId: string | undefined;
  /** For the next job. */
  readonly extranonce: Extranonce | undefined;
  readonly authorized: boolean;
  /** For the next job. */
  readonly versionMask: number;
  /** For the next job; undefined until the pool has named one. */
  readonly difficulty: number | undefined;
  /** The newest job, kept when it comes before the replies that make it usable. */
  readonly job: NotifiedJob | undefined;
  /** By work id, oldest first: what shares may still be sent for. */
  readonly works: ReadonlyMap<number, ClientWork>;
  readonly pending: ReadonlyMap<number, PendingSubmit>;
  readonly faults: number;
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
  | 'too-many-faults';

export type PoolFault =
  | 'not-json'
  | 'not-an-object'
  | 'bad-id'
  | 'no-method'
  | 'bad-params'
  | 'unknown-reply';

export type ClientEffect =
  | { readonly kind: 'send'; readonly line: string }
  /** Subscribed and authorised: from here on the pool is in use. */
  | { readonly kind: 'ready'; readonly sessionId: string | undefined }
  | { readonly kind: 'work'; readonly work: ClientWork }
  | { readonly kind: 'verdict'; readonly outcome: ShareOutcome; readonly difficulty: number }
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

export interface ClientStep {
  readonly state: ClientState;
  readonly effects: readonly ClientEffect[];
}
