/** What a session of this dialect keeps beside what every session does. */
import type { CoreEnv, SessionCore, ShareTarget, Turn, WorkBook } from '@otedama/stratum';
import type { Work, WorkTemplate } from '../jobs/work.ts';

/** What all sessions of a pool share, and the session only reads. */
export interface SessionEnv extends CoreEnv {
  readonly book: WorkBook<WorkTemplate, Work>;
}

/** What a job was given under. Immutable: a share is judged by its job's terms, not by today's. */
export interface Terms {
  readonly target: ShareTarget;
  /** First bytes of every nonce. */
  readonly prefix: Uint8Array;
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
  takesExtranonce: boolean;
  work: Work | undefined;
  /** The difficulty of the target that the miner was told last. */
  announced: number | undefined;
  /** What the miner says of itself, 0 until then. For display only. */
  hashrateHs: number;
}

export type SessionTurn = Turn<Session>;
