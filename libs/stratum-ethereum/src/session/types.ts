/** What a session of these dialects keeps beside what every session does. */
import type {
  Account,
  CoreEnv,
  Lease,
  Request,
  SessionCore,
  ShareTarget,
  Turn,
  Wording,
} from '@otedama/stratum';
import type { EthashBook } from '../jobs/book.ts';
import type { Work } from '../jobs/work.ts';
import type { Roster } from './roster.ts';

/** What all sessions of a pool share. */
export interface SessionEnv extends CoreEnv {
  readonly book: EthashBook;
  readonly roster: Roster;
}

/** What a job was given under. Immutable: a share is judged by its job's terms, not by today's. */
export interface Terms {
  readonly target: ShareTarget;
  /** First bytes of every nonce; empty where the dialect has no such thing. */
  readonly prefix: Uint8Array;
}

export interface GivenJob {
  readonly work: Work;
  readonly variant: number;
  readonly terms: Terms;
}

export type Method = (turn: SessionTurn, request: Request) => void;

/** One of the dialects, chosen by the first message of a connection. */
export interface Flavour {
  readonly name: 'eth-proxy' | 'stratum1' | 'EthereumStratum/1.0.0' | 'EthereumStratum/2.0.0';
  readonly wording: Wording;
  readonly methods: ReadonlyMap<string, Method>;
  /** Each session has nonces of its own, and so a lease. */
  readonly partitioned: boolean;
  /** A header stands for its job, so that it can be given under one target only. */
  readonly jobIsHeader: boolean;
  /** Tells the job, and first whatever of its terms is not as in the job shown `before`. */
  show(turn: SessionTurn, job: GivenJob, before: GivenJob | undefined, clean: boolean): void;
  /** The reply to mining.subscribe. */
  subscribed(id: string, lease: Lease): string;
  /** False when the miner cannot be told that its extranonce is another one. */
  announceLease(turn: SessionTurn, lease: Lease): boolean;
  reconnect(
    target: { readonly host: string; readonly port: number } | undefined,
    waitSeconds: number,
  ): string | undefined;
}

/** Owned by `step`; the adapter may read it. */
export interface Session extends SessionCore {
  readonly env: SessionEnv;
  flavour: Flavour | undefined;
  /** Oldest first. */
  readonly jobs: GivenJob[];
  /** The mining.subscribe that waits for its lease, and the session it wants back. */
  subscribing:
    | { readonly ticket: number; readonly id: string; readonly earlier: string | undefined }
    | undefined;
  takesExtranonce: boolean;
  work: Work | undefined;
  /** The job that the miner was shown last. */
  shown: GivenJob | undefined;
  /** eth-proxy: who mines; `wallet` alone where each request may name a rig. */
  login: { readonly account: Account; readonly wallet: string | undefined } | undefined;
  /** EthereumStratum/2.0.0: user names in the order of their tokens. */
  tokens: string[];
  /** What the miner says of itself, 0 until then. For display only. */
  hashrateHs: number;
}

export type SessionTurn = Turn<Session>;
