/** What a session of this dialect keeps beside what every session does. */
import type { CoreEnv, SessionCore, ShareTarget, Turn, WorkBook } from '@otedama/stratum';
import type { Work, WorkTemplate } from '../jobs/work.ts';
import type { Profile, ProfileRow } from '../profiles.ts';

/** What all sessions of a pool share, and the session only reads. */
export interface SessionEnv extends CoreEnv {
  readonly book: WorkBook<WorkTemplate, Work>;
  /** Bits that the coin lets miners roll, until a template says otherwise. */
  readonly versionMask: number;
  /** The operator's own knowledge of software, before ours. */
  readonly profiles?: readonly ProfileRow[];
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

/** Owned by `step`; the adapter may read it. */
export interface Session extends SessionCore {
  readonly env: SessionEnv;
  /** Oldest first. */
  readonly jobs: GivenJob[];
  /** Ticket and id of the mining.subscribe that waits for its lease. */
  subscribing: { readonly ticket: number; readonly id: string } | undefined;
  /** The mask that the miner asked for, and what it got; undefined until it negotiates. */
  versionRolling: { readonly requested: number; readonly granted: number } | undefined;
  takesExtranonce: boolean;
  /** What is known of the software on the other side. */
  profile: Profile;
  /** The miner has said which difficulty it wants; ours to guess no more. */
  hasWished: boolean;
  /** It was told that the coinbase is too large for it. */
  outgrown: boolean;
  work: Work | undefined;
  /** The difficulty that the miner was told last. */
  announced: number | undefined;
  terms: Terms | undefined;
  transactionsAtMs: number;
  /** Pending mining.get_transactions by ticket: its id. */
  asked: { readonly ticket: number; readonly id: string } | undefined;
}

export type SessionTurn = Turn<Session>;
