/**
 * Extranonce1 and session ids. Each live session has an extranonce1 of its own, so no two miners ever search
 * the same headers; a session that left can come back to its own for a while, with its difficulty and its
 * share history. In the fleet the prefix is leased from the key-value store.
 */
import type { Estate, Lease } from '@otedama/stratum-v1';
import { EXTRANONCE1_BYTES } from '@otedama/stratum-v1';
import { MAX_RESUMABLE, RESUME_TTL_MS } from './limits.ts';

const COUNTER_BITS = 24;
const COUNTER_MASK = (1 << COUNTER_BITS) - 1;
const SESSION_ID_BYTES = 8;

interface Resumable {
  readonly lease: Lease;
  readonly value: number;
  readonly untilMs: number;
}

export class LeaseError extends Error {
  override readonly name = 'LeaseError';
  readonly code = 'EXTRANONCE_EXHAUSTED';
}

export interface LeaseOptions {
  /** First byte of every extranonce1 of this gateway. */
  readonly prefix: number;
  readonly randomBytes: (size: number) => Uint8Array;
}

export class Leases {
  readonly #options: LeaseOptions;
  /** In use by a live session, or kept for one that left. */
  readonly #taken = new Set<number>();
  /** By session id, oldest first. */
  readonly #resumable = new Map<string, Resumable>();
  #next: number;

  constructor(options: LeaseOptions) {
    this.#options = options;
    // A restarted gateway must not hand out the extranonces of its earlier life while their jobs still live.
    this.#next = Buffer.from(options.randomBytes(4)).readUInt32BE() & COUNTER_MASK;
  }

  get resumable(): number {
    return this.#resumable.size;
  }

  /** The lease that `sessionId` left behind, or a new one. */
  take(sessionId: string | undefined, nowMs: number): Lease {
    const kept = sessionId === undefined ? undefined : this.#resumable.get(sessionId);
    if (kept !== undefined && sessionId !== undefined) {
      this.#resumable.delete(sessionId);
      if (kept.untilMs > nowMs) return kept.lease;
      this.#taken.delete(kept.value);
    }
    return this.#fresh();
  }

  /** The session is gone; it may come back for what it had. */
  leave(lease: Lease, estate: Estate, nowMs: number): void {
    const value = Buffer.from(lease.extranonce1).readUInt32BE() & COUNTER_MASK;
    const kept = { lease: { ...lease, estate }, value, untilMs: nowMs + RESUME_TTL_MS };
    this.#resumable.set(lease.sessionId, kept);
    this.#forget(nowMs);
  }

  #forget(nowMs: number): void {
    for (const [sessionId, { untilMs, value }] of this.#resumable) {
      if (this.#resumable.size <= MAX_RESUMABLE && untilMs > nowMs) return;
      this.#resumable.delete(sessionId);
      this.#taken.delete(value);
    }
  }

  #fresh(): Lease {
    if (this.#taken.size > COUNTER_MASK) throw new LeaseError('no extranonce is free');
    while (this.#taken.has(this.#next)) this.#next = (this.#next + 1) & COUNTER_MASK;
    const value = this.#next;
    this.#next = (value + 1) & COUNTER_MASK;
    this.#taken.add(value);
    const extranonce1 = Buffer.alloc(EXTRANONCE1_BYTES);
    extranonce1.writeUInt32BE(((this.#options.prefix << COUNTER_BITS) | value) >>> 0);
    // Unguessable: whoever names it gets the session.
    const sessionId = Buffer.from(this.#options.randomBytes(SESSION_ID_BYTES)).toString('hex');
    return { sessionId, extranonce1 };
  }
}
