/**
 * Keeps the agent on the best pool of an ordered list: the first that can be reached, and back to a better
 * one as soon as that answers again. One connection carries work at a time; while it is on a fallback a
 * second one tries the better pools now and then.
 */
import type { UpstreamPool } from '@otedama/config';
import type { Logger } from '@otedama/contracts';
import type { Algorithm } from '@otedama/native';
import {
  type ClientShare,
  type ClientWork,
  type PoolDialect,
  type ShareOutcome,
  mayFollow,
} from '@otedama/stratum/client';
import { LogLimiter } from '../log-limiter.ts';
import type { AgentMetrics } from '../metrics.ts';
import { type BackoffLimits, backoffMs } from './backoff.ts';
import { dialectOf } from './dialect.ts';
import { type Endpoint, isLoopback, parsePoolUrl } from './endpoint.ts';
import {
  type ConnectionDeps,
  type ConnectionEvents,
  type ConnectionOptions,
  PoolConnection,
  type ReconnectRequest,
} from './pool-connection.ts';

export interface PoolClientDeps extends ConnectionDeps {
  readonly random: () => number;
  readonly metrics: AgentMetrics;
}

export interface PoolClientOptions {
  /** In order of preference; at least one. */
  readonly upstreams: readonly UpstreamPool[];
  readonly algorithm: Algorithm;
  /** Name and version of this miner, as pools see it. */
  readonly agent: string;
  readonly versionMask: number;
  /** Waits between rounds through the list; absent: short ones when every pool is on this machine. */
  readonly backoff?: BackoffLimits;
}

export interface PoolClientEvents {
  work(work: ClientWork): void;
  /** The work given before is worth nothing any more. */
  workLost(): void;
  verdict(outcome: ShareOutcome): void;
}

export interface PoolClientStatus {
  /** URL of the pool in use, or of the one that is being tried. */
  readonly url: string;
  readonly ready: boolean;
  /** Why the last connection ended. */
  readonly problem: string | undefined;
}

const HANDSHAKE_TIMEOUT_MS = 15_000;
const REPLY_TIMEOUT_MS = 60_000;
/** Pools send a job at least every minute or two. */
const SILENCE_TIMEOUT_MS = 300_000;
/** While there are other pools; a pool gives its first job with the login. */
const WORK_TIMEOUT_MS = 30_000;
const BACKOFF = { minMs: 1_000, maxMs: 60_000 };
/** Our own gateway, which is about to listen. */
const LOOPBACK_BACKOFF = { minMs: 250, maxMs: 1_000 };
/** A pool that ends a connection sooner after the login counts as not reached: it is not a place to hurry back to. */
const STABLE_MS = 60_000;
const BETTER_POOL_RETRY_MS = 60_000;

interface Upstream {
  readonly pool: UpstreamPool;
  readonly dialect: PoolDialect;
  readonly endpoint: Endpoint;
  /** Where the pool sent us by client.reconnect, until that fails. */
  redirect: Endpoint | undefined;
  /** Of its last subscription, to take up difficulty and extranonce where they were. */
  sessionId: string | undefined;
}

export class PoolUrlError extends Error {
  override readonly name = 'PoolUrlError';
  readonly code = 'POOL_URL';
}

const toUpstream = (pool: UpstreamPool, algorithm: Algorithm): Upstream => {
  const url = parsePoolUrl(pool.url);
  if (url === undefined) {
    throw new PoolUrlError(
      `not a pool URL: ${pool.url} (stratum+tcp://host:port or stratum+ssl://host:port)`,
    );
  }
  const dialect = dialectOf(algorithm, url.scheme);
  if (dialect === undefined) {
    throw new PoolUrlError(
      `${url.scheme} is no protocol for ${algorithm}: ${pool.url} (use stratum+tcp or -ssl)`,
    );
  }
  return { pool, dialect, endpoint: url.endpoint, redirect: undefined, sessionId: undefined };
};

export class PoolClient {
  readonly #deps: PoolClientDeps;
  readonly #options: PoolClientOptions;
  readonly #events: PoolClientEvents;
  readonly #logger: Logger;
  readonly #limiter: LogLimiter;
  readonly #upstreams: readonly Upstream[];
  readonly #backoff: BackoffLimits;
  #index = 0;
  #current: PoolConnection | undefined;
  #probe: PoolConnection | undefined;
  /** When the current connection became ready. */
  #readyAtMs: number | undefined;
  #attempt = 0;
  #problem: string | undefined;
  #cancelRetry = (): void => undefined;
  #cancelProbe = (): void => undefined;

  /** Throws PoolUrlError. */
  constructor(deps: PoolClientDeps, options: PoolClientOptions, events: PoolClientEvents) {
    this.#deps = deps;
    this.#options = options;
    this.#events = events;
    this.#logger = deps.logger;
    this.#limiter = new LogLimiter(deps.clock);
    this.#upstreams = options.upstreams.map((pool) => toUpstream(pool, options.algorithm));
    const isLocal = this.#upstreams.every(({ endpoint }) => isLoopback(endpoint));
    this.#backoff = options.backoff ?? (isLocal ? LOOPBACK_BACKOFF : BACKOFF);
  }

  start(): void {
    this.#connect(0);
  }

  stop(): void {
    this.#cancelRetry();
    this.#stopProbing();
    this.#current?.close();
    this.#current = undefined;
    this.#readyAtMs = undefined;
  }

  status(): PoolClientStatus {
    const url = this.#upstreams[this.#index]?.pool.url ?? '';
    return { url, ready: this.#readyAtMs !== undefined, problem: this.#problem };
  }

  get inFlight(): number {
    return this.#current?.inFlight ?? 0;
  }

  submit(share: ClientShare): void {
    this.#current?.submit(share);
  }

  #connect(index: number): void {
    this.#index = index;
    this.#current = this.#open(index);
  }

  /** What its events mean depends on whether the connection is the current one or still a probe. */
  #open(index: number): PoolConnection | undefined {
    const upstream = this.#upstreams[index];
    if (upstream === undefined) return undefined;
    const isCurrent = (): boolean => this.#current === connection;
    const events: ConnectionEvents = {
      ready: (sessionId) => {
        upstream.sessionId = sessionId;
        if (isCurrent()) this.#onReady(upstream, index);
      },
      closed: (reason) => {
        upstream.redirect = undefined;
        if (isCurrent()) this.#onClosed(upstream, reason);
        else this.#tryBetter(index + 1);
      },
      work: (work) => {
        if (!isCurrent()) this.#promoteProbe(upstream, index);
        this.#events.work(work);
      },
      verdict: (outcome, waitedMs) => {
        if (waitedMs !== undefined) this.#deps.metrics.shareSeconds.observe(waitedMs / 1000);
        this.#events.verdict(outcome);
      },
      message: (text) => this.#say('info', upstream, { text }, 'message of the pool'),
      reconnect: (request) => this.#onReconnect(upstream, request, isCurrent()),
    };
    const endpoint = upstream.redirect ?? upstream.endpoint;
    const connection = new PoolConnection(this.#deps, endpoint, this.#connectionOptions(upstream), events);
    return connection;
  }

  #connectionOptions({ pool, dialect, sessionId }: Upstream): ConnectionOptions {
    const { agent, versionMask } = this.#options;
    return {
      dialect,
      workTimeoutMs: this.#upstreams.length > 1 ? WORK_TIMEOUT_MS : undefined,
      agent,
      versionMask,
      user: pool.user,
      password: pool.password,
      handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS,
      replyTimeoutMs: REPLY_TIMEOUT_MS,
      silenceTimeoutMs: SILENCE_TIMEOUT_MS,
      ...(sessionId === undefined ? {} : { sessionId }),
    };
  }

  /** What a pool can make us say as often as it likes. */
  #say(level: 'info' | 'warn', { pool }: Upstream, fields: Record<string, unknown>, message: string): void {
    this.#limiter.once(`${pool.url} ${message}`, (suppressed) => {
      this.#logger[level]({ pool: pool.url, ...fields, suppressed }, message);
    });
  }

  #onReady(upstream: Upstream, index: number): void {
    this.#index = index;
    this.#readyAtMs = this.#deps.clock();
    this.#problem = undefined;
    this.#deps.metrics.connections.inc({ result: 'ready' });
    this.#say('info', upstream, {}, 'connected to the pool');
    if (index > 0) this.#scheduleProbe();
  }

  #onClosed(upstream: Upstream, reason: string): void {
    const wasStable = this.#leave();
    this.#problem = `${upstream.pool.url}: ${reason}`;
    this.#say('warn', upstream, { reason }, 'no connection to the pool');
    const next = wasStable ? 0 : (this.#index + 1) % this.#upstreams.length;
    // Fallbacks are tried at once; when the list is through, the whole of it waits.
    this.#connectLater(next, next === 0 ? this.#nextWaitMs() : 0);
  }

  /** Forgets the current connection. True when it lasted: its pool is a place to hurry back to. */
  #leave(): boolean {
    const readyAtMs = this.#readyAtMs;
    this.#current = undefined;
    this.#readyAtMs = undefined;
    this.#stopProbing();
    this.#deps.metrics.connections.inc({ result: readyAtMs === undefined ? 'failed' : 'lost' });
    if (readyAtMs === undefined) return false;
    this.#events.workLost();
    const wasStable = this.#deps.clock() - readyAtMs >= STABLE_MS;
    if (wasStable) this.#attempt = 0;
    return wasStable;
  }

  #nextWaitMs(): number {
    const waitMs = backoffMs(this.#attempt, this.#backoff, this.#deps.random);
    this.#attempt += 1;
    return waitMs;
  }

  #connectLater(index: number, waitMs: number): void {
    this.#cancelRetry();
    this.#cancelRetry = this.#deps.timers.after(waitMs, () => this.#connect(index));
  }

  #onReconnect(upstream: Upstream, { host, port, waitMs }: ReconnectRequest, isCurrent: boolean): void {
    const { endpoint } = upstream;
    if (!mayFollow(endpoint.host, host)) {
      this.#say('warn', upstream, { host }, 'the pool names a foreign host to go to; staying');
      return;
    }
    upstream.redirect = { ...endpoint, host: host ?? endpoint.host, port: port ?? endpoint.port };
    if (!isCurrent) {
      this.#stopProbing();
      this.#scheduleProbe();
      return;
    }
    this.#say('info', upstream, { waitMs }, 'the pool asks to reconnect');
    this.#current?.close();
    this.#leave();
    this.#connectLater(this.#index, Math.max(waitMs, this.#nextWaitMs()));
  }

  #scheduleProbe(): void {
    this.#cancelProbe = this.#deps.timers.after(BETTER_POOL_RETRY_MS, () => this.#tryBetter(0));
  }

  #stopProbing(): void {
    this.#cancelProbe();
    this.#probe?.close();
    this.#probe = undefined;
  }

  /** The pools before the current one, in order; the first that gives work takes over. */
  #tryBetter(index: number): void {
    this.#probe = index < this.#index ? this.#open(index) : undefined;
    if (this.#probe === undefined) this.#scheduleProbe();
  }

  #promoteProbe(upstream: Upstream, index: number): void {
    this.#current?.close();
    this.#current = this.#probe;
    this.#probe = undefined;
    this.#events.workLost();
    this.#onReady(upstream, index);
  }
}
