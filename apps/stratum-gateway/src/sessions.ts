/**
 * The sessions of one pool: who is connected, who holds which session id, and how sessions come and go with what
 * they have. Of two connections that name one session the later holds it, on this gateway and among all.
 */
import type { Logger } from '@otedama/contracts';
import { type Estate, type Lease, estateOf } from '@otedama/stratum';
import type { Connection } from './connection.ts';
import type { Leases } from './leases/leases.ts';
import { Seldom } from './defence/seldom.ts';
import type { GatewayLimits } from './limits.ts';
import type { GatewayMetrics } from './metrics.ts';

export interface SessionsDeps {
  readonly leases: Leases;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  readonly monotonicMs: () => number;
}

export interface SessionsOptions {
  readonly poolId: string;
  /** Miners of this dialect can name the session they had; for others no ticket is written. */
  readonly resumes: boolean;
  readonly limits: Pick<GatewayLimits, 'tickMs' | 'ticketRefreshMs' | 'refusalReportMs'>;
}

export class Sessions {
  readonly #deps: SessionsDeps;
  readonly #options: SessionsOptions;
  readonly #connections = new Set<Connection>();
  /** By session id. */
  readonly #holders = new Map<string, Connection>();
  /** Where writing the tickets again has come to. */
  #refreshing: Iterator<Connection> | undefined;
  readonly #refusals: Seldom;
  #workers = 0;

  constructor(deps: SessionsDeps, options: SessionsOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#refusals = new Seldom(deps.monotonicMs, options.limits.refusalReportMs);
    deps.leases.onLost(() => this.#replaceLost());
  }

  get size(): number {
    return this.#connections.size;
  }

  get workers(): number {
    return this.#workers;
  }

  /** Those of this moment. */
  all(): readonly Connection[] {
    return [...this.#connections];
  }

  add(connection: Connection): void {
    this.#connections.add(connection);
  }

  addWorker(): void {
    this.#workers += 1;
  }

  /** Answers with the event `leased`, or sends the miner away with a word. */
  async lease(connection: Connection, sessionId: string | undefined): Promise<void> {
    const { leases, metrics } = this.#deps;
    const { poolId } = this.#options;
    if (sessionId !== undefined) this.#holders.get(sessionId)?.supersede();
    let lease: Lease;
    try {
      lease = await leases.take(poolId, sessionId);
    } catch (error) {
      this.#refuse(connection, error);
      return;
    }
    if (sessionId !== undefined) {
      const result = lease.estate === undefined ? 'unknown' : 'resumed';
      metrics.resumes.inc({ pool: poolId, result });
    }
    if (connection.isGone) this.#putBack(lease, lease.estate);
    else {
      this.#holders.set(lease.sessionId, connection);
      connection.event({ kind: 'leased', lease });
    }
  }

  /** Its difficulty is another one, or its ticket gets old. */
  keep(connection: Connection): void {
    const { lease, vardiff, accounts } = connection.session.core;
    if (!this.#options.resumes || lease === undefined || accounts.size === 0) return;
    this.#deps.leases.keep(this.#options.poolId, lease, vardiff.difficulty);
  }

  /** Called at every tick: so many that all have had their turn when the time of a ticket needs it. */
  refreshSome(): void {
    const { tickMs, ticketRefreshMs } = this.#options.limits;
    if (!this.#options.resumes) return;
    for (let left = Math.ceil((this.size * tickMs) / ticketRefreshMs); left > 0; left--) {
      this.#refreshing ??= this.#connections.values();
      const { value, done } = this.#refreshing.next();
      if (done === true) {
        this.#refreshing = undefined;
        return;
      }
      this.keep(value);
    }
  }

  /** Another gateway has the session: the miner is there, or whoever stole its id. */
  lose(sessionId: string): void {
    const holder = this.#holders.get(sessionId);
    if (holder === undefined) this.#deps.leases.forgetHistory(sessionId);
    else {
      this.#holders.delete(sessionId);
      holder.supersede();
    }
  }

  gone(connection: Connection): void {
    const { core } = connection.session;
    const { lease } = core;
    this.#connections.delete(connection);
    this.#workers -= core.accounts.size;
    if (lease === undefined) return;
    if (this.#holders.get(lease.sessionId) !== connection) {
      this.#deps.leases.forfeit(lease);
      return;
    }
    this.#holders.delete(lease.sessionId);
    // Who never logged in must not push out the leases of those who did.
    const isWorthKeeping = core.accounts.size > 0 || lease.estate !== undefined;
    this.#putBack(lease, isWorthKeeping ? estateOf(core) : undefined);
  }

  #refuse(connection: Connection, error: unknown): void {
    const { poolId } = this.#options;
    this.#refusals.tell((times) =>
      this.#deps.logger.warn({ poolId, times, error }, 'sessions were refused: no extranonce'),
    );
    connection.refuse('no-extranonce', 'The pool has no room for another session now; come again');
  }

  #replaceLost(): void {
    for (const connection of this.#connections) {
      const { lease } = connection.session.core;
      if (lease !== undefined && !this.#deps.leases.isSafe(lease)) void this.#replace(connection, lease);
    }
  }

  async #replace(connection: Connection, lost: Lease): Promise<void> {
    const { leases } = this.#deps;
    try {
      const lease = await leases.replace(lost);
      if (connection.isGone) leases.release(lease);
      else connection.event({ kind: 're-leased', lease });
      this.keep(connection);
    } catch (error) {
      this.#refuse(connection, error);
    }
  }

  #putBack(lease: Lease, estate: Estate | undefined): void {
    const { leases } = this.#deps;
    if (estate === undefined) leases.release(lease);
    else if (this.#options.resumes) leases.leave(this.#options.poolId, lease, estate);
    else leases.rest(lease);
  }
}
