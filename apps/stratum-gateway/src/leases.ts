/**
 * Extranonce1 and session ids. Each live session has an extranonce1 of its own, so no two miners ever search
 * the same headers; a session that left can come back to its own for a while, with its difficulty and its
 * share history. In the fleet the prefix is leased from the key-value store.
 */
import type { Estate, Lease } from '@otedama/stratum';
import { type GatewayLimits, LIMITS } from './limits.ts';

const SESSION_ID_BYTES = 8;

interface Resumable {
  readonly poolId: string;
  readonly lease: Lease;
  readonly untilMs: number;
  /** Remembered ones, as the cap counts them. */
  readonly shares: number;
}

export class LeaseError extends Error {
  override readonly name = 'LeaseError';
  readonly code = 'EXTRANONCE_EXHAUSTED';
}

export interface LeaseOptions {
  /** First byte of every extranonce1 of this gateway. */
  readonly prefix: number;
  /** Length of extranonce1: 2 to 4 bytes. What the prefix leaves of it counts sessions. */
  readonly bytes: number;
  /** Fewer than fit into these bytes, to see the end of them. */
  readonly counterBits?: number;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly limits?: Pick<GatewayLimits, 'maxResumable' | 'maxResumableShares' | 'resumeTtlMs'>;
}

const counterOf = ({ extranonce1 }: Lease): number =>
  Buffer.from(extranonce1).readUIntBE(1, extranonce1.length - 1);

export class Leases {
  readonly #options: LeaseOptions;
  readonly #limits: NonNullable<LeaseOptions['limits']>;
  /** In use by a live session, or kept for one that left. */
  readonly #taken = new Set<number>();
  /** By session id, oldest first. */
  readonly #resumable = new Map<string, Resumable>();
  #resumableShares = 0;
  readonly #mask: number;
  #next: number;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#limits = options.limits ?? LIMITS;
    this.#mask = (1 << (options.counterBits ?? 8 * (options.bytes - 1))) - 1;
    // A restarted gateway must not hand out the extranonces of its earlier life while their jobs still live.
    this.#next = Buffer.from(options.randomBytes(4)).readUInt32BE() & this.#mask;
  }

  get resumable(): number {
    return this.#resumable.size;
  }

  /** The lease that `sessionId` left behind on this pool, or a new one. */
  take(poolId: string, sessionId: string | undefined, nowMs: number): Lease {
    const kept = sessionId === undefined ? undefined : this.#resumable.get(sessionId);
    // What a session had on another pool means nothing here: other jobs, perhaps another algorithm.
    if (kept === undefined || kept.poolId !== poolId) return this.#fresh();
    this.#remove(kept);
    if (kept.untilMs > nowMs) return kept.lease;
    this.#taken.delete(counterOf(kept.lease));
    return this.#fresh();
  }

  /** The session is gone; it may come back for what it had. */
  leave(poolId: string, lease: Lease, estate: Estate, nowMs: number): void {
    const shares = estate.history.size;
    const untilMs = nowMs + this.#limits.resumeTtlMs;
    this.#resumable.set(lease.sessionId, { poolId, lease: { ...lease, estate }, untilMs, shares });
    this.#resumableShares += shares;
    this.#forget(nowMs);
  }

  /** The session is gone and has left nothing to come back for. */
  release(lease: Lease): void {
    this.#taken.delete(counterOf(lease));
  }

  #forget(nowMs: number): void {
    const { maxResumable, maxResumableShares } = this.#limits;
    for (const kept of this.#resumable.values()) {
      const fits = this.#resumable.size <= maxResumable && this.#resumableShares <= maxResumableShares;
      if (fits && kept.untilMs > nowMs) return;
      this.#remove(kept);
      this.#taken.delete(counterOf(kept.lease));
    }
  }

  #remove({ lease, shares }: Resumable): void {
    this.#resumable.delete(lease.sessionId);
    this.#resumableShares -= shares;
  }

  #fresh(): Lease {
    if (this.#taken.size > this.#mask) throw new LeaseError('no extranonce is free');
    while (this.#taken.has(this.#next)) this.#next = (this.#next + 1) & this.#mask;
    const value = this.#next;
    this.#next = (value + 1) & this.#mask;
    this.#taken.add(value);
    const { prefix, bytes } = this.#options;
    const extranonce1 = Buffer.alloc(bytes);
    extranonce1[0] = prefix;
    extranonce1.writeUIntBE(value, 1, bytes - 1);
    // Unguessable: whoever names it gets the session.
    const sessionId = Buffer.from(this.#options.randomBytes(SESSION_ID_BYTES)).toString('hex');
    return { sessionId, extranonce1 };
  }
}
