/** What a session of this dialect keeps beside what every session does. */
import type { CoreEnv, SessionCore, Turn, WorkBook } from '@otedama/stratum';
import type { ShareTerms } from '../jobs/share-terms.ts';
import type { Work, WorkTemplate } from '../jobs/work.ts';

/** A difficulty that certain software must not be given less of, such as a marketplace's. */
export interface AgentMinimum {
  /** A pattern as `fitsAgent` reads it. The first that fits counts. */
  readonly agent: string;
  readonly difficulty: number;
}

export interface MoneroEnv extends CoreEnv {
  /** The hashing blob of the template with these reserved bytes in it. */
  readonly blobOf: (template: WorkTemplate, extraNonce: Uint8Array) => Uint8Array;
  /** Name of the algorithm for blocks of this major version: `rx/0`. */
  readonly variantOf: (majorVersion: number) => string;
  readonly agentMinimums: readonly AgentMinimum[];
  /** Where the miners' own templates must pay to; undefined: they cannot be checked, and are not taken. */
  readonly selfSelect: { readonly poolWallet: string } | undefined;
  /** Whether the port takes TLS too. */
  readonly tls: boolean;
}

/** What all sessions of a pool share, and the session only reads. */
export interface SessionEnv extends MoneroEnv {
  readonly book: WorkBook<WorkTemplate, Work>;
}

/** Immutable: a share is judged by its job's terms, not by today's. */
export interface GivenJob {
  readonly work: Work;
  readonly variant: number;
  readonly terms: ShareTerms;
  /** Extranonce1 as a big-endian number. */
  readonly session: number;
}

/** Owned by `step`; the adapter may read it. */
export interface Session extends SessionCore {
  readonly env: SessionEnv;
  /** Oldest first. */
  readonly jobs: GivenJob[];
  /** A login that waits for its lease or for work: ticket, id, and the algorithms it listed. */
  loggingIn: { readonly ticket: number; readonly id: string; readonly algorithms: unknown } | undefined;
  leaseAsked: boolean;
  /** What the login was answered with; undefined before. */
  id: string | undefined;
  /** An xmr-node-proxy: gets whole templates, and names two nonces in its shares. */
  isProxy: boolean;
  /** The miner brings the templates, of its own daemon. */
  isSelfSelect: boolean;
  /** Jobs that have their miner's template. */
  readonly adopted: WeakSet<GivenJob>;
  /** The template that is being judged, one at a time. */
  adopting: { readonly ticket: number; readonly id: string; readonly job: GivenJob } | undefined;
  work: Work | undefined;
}

export type SessionTurn = Turn<Session>;
