/**
 * Resume tickets: what a session needs to go on at another gateway, or at the same one after its connection was
 * lost. Written while the session lives, so that a gateway that is killed leaves them behind. Whoever takes a
 * ticket holds the session from then on, and who held it before hears that it is lost. Losing a ticket costs a
 * miner its difficulty, never a share: so nothing here makes anybody wait.
 */
import type { Subscription } from '@otedama/contracts';

export interface SessionTicket {
  readonly poolId: string;
  /** Unguessable: whoever names it gets the session. */
  readonly sessionId: string;
  readonly extranonce1: Uint8Array;
  readonly difficulty: number;
}

export type TicketKey = Pick<SessionTicket, 'poolId' | 'sessionId'>;

export type TicketsState =
  | { readonly state: 'up' }
  /** Only what this process knows itself can be resumed. */
  | { readonly state: 'degraded'; readonly reason: string };

export interface SessionTickets {
  /** The session as it is now; put again before its time is over, it lives on. Returns at once, written soon. */
  put(ticket: SessionTicket): void;
  /** Of this pool only: what a session had elsewhere means nothing there. */
  take(key: TicketKey): Promise<SessionTicket | undefined>;
  /** Another gateway has taken the session of a ticket that was put here. */
  onLost(listener: (key: TicketKey) => void): Subscription;
  state(): TicketsState;
  /** How many this process knows. */
  readonly size: number;
  /** How many were given up so far because there were too many. */
  readonly dropped: number;
  /** What was put is written first, if that is possible at all. */
  close(): Promise<void>;
}
