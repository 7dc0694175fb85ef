/**
 * A session's place among all sessions of all gateways: its id, its extranonce1, and what it left behind when it
 * was here before. Extranonces come from blocks (extranonces.ts), what a session takes along between gateways
 * from tickets (libs/shared-state). The memory of shares stays where it was made: at another gateway the ledger
 * is what keeps a share from counting twice.
 */
import type { SessionTickets, TicketKey } from '@otedama/shared-state';
import { type Estate, type Lease, ShareHistory } from '@otedama/stratum';
import type { Extranonces } from './extranonces.ts';
import type { GatewayLimits } from '../limits.ts';

const SESSION_ID_BYTES = 8;
/** Extranonces are cut from a common piece of memory: one of its own takes 300 bytes more than its four. */
const SLAB_VALUES = 64;

export interface LeasesDeps {
  readonly extranonces: Extranonces;
  readonly tickets: SessionTickets;
  readonly monotonicMs: () => number;
  readonly randomBytes: (size: number) => Uint8Array;
}

export interface LeasesOptions {
  /** Length of extranonce1: 2 to 4 bytes. */
  readonly bytes: number;
  readonly limits: Pick<GatewayLimits, 'maxResumable' | 'maxResumableShares' | 'resumeTtlMs'>;
}

interface Remembered {
  readonly history: ShareHistory;
  /** As the cap counts it. */
  readonly shares: number;
  readonly untilMs: number;
}

const valueOf = ({ extranonce1 }: Pick<Lease, 'extranonce1'>): number =>
  Buffer.from(extranonce1).readUIntBE(0, extranonce1.length);

export class Leases {
  readonly #deps: LeasesDeps;
  readonly #options: LeasesOptions;
  /** By session id, oldest first. */
  readonly #histories = new Map<string, Remembered>();
  #rememberedShares = 0;
  /** What is left of it. */
  #slab = Buffer.alloc(0);
  /** Sessions that are being looked up: of two connections that name one, the second is a new session. */
  readonly #taking = new Set<string>();

  constructor(deps: LeasesDeps, options: LeasesOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** What `sessionId` left behind on this pool, or a new lease. Rejects when there is no extranonce. */
  async take(poolId: string, sessionId: string | undefined): Promise<Lease> {
    if (sessionId === undefined || this.#taking.has(sessionId)) return this.#fresh();
    this.#taking.add(sessionId);
    try {
      return (await this.#resume({ poolId, sessionId })) ?? (await this.#fresh());
    } finally {
      this.#taking.delete(sessionId);
    }
  }

  onLost(listener: () => void): void {
    this.#deps.extranonces.onLost(listener);
  }

  /** False: its extranonce1 is another session's by now. */
  isSafe(lease: Lease): boolean {
    return this.#deps.extranonces.isSafe(valueOf(lease));
  }

  /** The same session with another extranonce1. */
  async replace(lease: Lease): Promise<Lease> {
    this.forfeit(lease);
    return { sessionId: lease.sessionId, extranonce1: await this.#extranonce() };
  }

  /** The session can be resumed from now on, whatever happens here. */
  keep(poolId: string, { sessionId, extranonce1 }: Lease, difficulty: number): void {
    this.#deps.tickets.put({ poolId, sessionId, extranonce1, difficulty });
  }

  /** The session is gone; it may come back for what it had. */
  leave(poolId: string, lease: Lease, { difficulty, history }: Estate): void {
    if (!this.isSafe(lease)) return;
    this.keep(poolId, lease, difficulty);
    this.rest(lease);
    const nowMs = this.#deps.monotonicMs();
    const untilMs = nowMs + this.#options.limits.resumeTtlMs;
    this.#histories.set(lease.sessionId, { history, shares: history.size, untilMs });
    this.#rememberedShares += history.size;
    this.#forgetOldest(nowMs);
  }

  /** The session is gone for good, but its last jobs live on for a while. */
  rest(lease: Lease): void {
    this.#deps.extranonces.rest(valueOf(lease));
  }

  /** The session is gone and has never had a job. */
  release(lease: Lease): void {
    this.#deps.extranonces.giveBack(valueOf(lease));
  }

  /** The session goes on at another gateway. */
  forfeit(lease: Lease): void {
    this.#deps.extranonces.forfeit(valueOf(lease));
  }

  /** Of a session that has left; another gateway has it now. */
  forgetHistory(sessionId: string): void {
    const known = this.#histories.get(sessionId);
    if (known === undefined) return;
    this.#histories.delete(sessionId);
    this.#rememberedShares -= known.shares;
  }

  async #resume(key: TicketKey): Promise<Lease | undefined> {
    const ticket = await this.#deps.tickets.take(key);
    if (ticket === undefined || ticket.extranonce1.length !== this.#options.bytes) return undefined;
    const { sessionId, extranonce1, difficulty } = ticket;
    if (!(await this.#deps.extranonces.adopt(valueOf(ticket)))) return undefined;
    const known = this.#histories.get(sessionId);
    this.forgetHistory(sessionId);
    return { sessionId, extranonce1, estate: { difficulty, history: known?.history ?? new ShareHistory() } };
  }

  async #fresh(): Promise<Lease> {
    const extranonce1 = await this.#extranonce();
    // Unguessable: whoever names it gets the session.
    const sessionId = Buffer.from(this.#deps.randomBytes(SESSION_ID_BYTES)).toString('hex');
    return { sessionId, extranonce1 };
  }

  async #extranonce(): Promise<Uint8Array> {
    const { bytes } = this.#options;
    const value = await this.#deps.extranonces.take();
    if (this.#slab.length < bytes) this.#slab = Buffer.alloc(bytes * SLAB_VALUES);
    const extranonce1 = this.#slab.subarray(0, bytes);
    this.#slab = this.#slab.subarray(bytes);
    extranonce1.writeUIntBE(value, 0, bytes);
    return extranonce1;
  }

  #forgetOldest(nowMs: number): void {
    const { maxResumable, maxResumableShares } = this.#options.limits;
    for (const [sessionId, { untilMs }] of this.#histories) {
      const fits = this.#histories.size <= maxResumable && this.#rememberedShares <= maxResumableShares;
      if (fits && untilMs > nowMs) return;
      this.forgetHistory(sessionId);
    }
  }
}
