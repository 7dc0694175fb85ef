/** The listener of one pool: its sockets, its work, its batches. */
import { readFileSync } from 'node:fs';
import { type Server, type Socket, createServer } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { parseAddress } from '@otedama/chain-params';
import type { ListenAddress, PoolConfig, StratumConfig } from '@otedama/config';
import {
  type Clock,
  type GatewayStatus,
  type Logger,
  type ShareValidation,
  type Subscription,
  type TemplateBus,
  type TemplateUpdate,
  isStopped,
  templateSubject,
} from '@otedama/contracts';
import {
  type Lease,
  type SessionEnv,
  type SessionEvent,
  ShareTargets,
  WorkBook,
  estateOf,
} from '@otedama/stratum-v1';
import { Connection, type ConnectionHost } from './connection.ts';
import type { Crowd } from './crowd.ts';
import { GatewayListenError } from './errors.ts';
import type { Leases } from './leases.ts';
import type { GatewayLimits } from './limits.ts';
import type { GatewayMetrics } from './metrics.ts';
import { ShareBatcher } from './share-batcher.ts';
import { isTrialChain, vardiffDefaults } from './vardiff-defaults.ts';

export interface PoolGatewayDeps {
  readonly validation: ShareValidation;
  readonly templates: TemplateBus;
  readonly leases: Leases;
  readonly crowd: Crowd;
  readonly clock: Clock;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly logger: Logger;
  readonly metrics: GatewayMetrics;
}

export interface PoolGatewayOptions {
  readonly pool: PoolConfig;
  readonly stratum: StratumConfig;
  readonly serverVersion: string;
  readonly limits: GatewayLimits;
}

type PoolStatus = GatewayStatus['pools'][number];

export class PoolGateway {
  readonly #deps: PoolGatewayDeps;
  readonly #options: PoolGatewayOptions;
  readonly #book: WorkBook;
  readonly #connections = new Set<Connection>();
  /** By session id. */
  readonly #holders = new Map<string, Connection>();
  /** Waiting for room for shares, in that order: a flood must not keep the others waiting for ever. */
  readonly #heldUp = new Set<Connection>();
  /** As accepted by the system; with TLS some of them are nobody's connection yet. */
  readonly #sockets = new Set<Socket>();
  readonly #batcher: ShareBatcher;
  readonly #host: ConnectionHost;
  readonly #server: Server;
  readonly #rejects = new Map<string, number>();
  #workers = 0;
  #broadcast = 0;
  #stopping = false;
  #subscription: Subscription | undefined;
  #ticker: NodeJS.Timeout | undefined;

  constructor(deps: PoolGatewayDeps, options: PoolGatewayOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#book = new WorkBook(options.pool.coin.algorithm);
    this.#batcher = new ShareBatcher(
      { ...deps, onRelief: () => this.#relieve() },
      { poolId: options.pool.id, limits: options.limits },
    );
    this.#host = this.#createHost();
    this.#server = this.#createServer();
  }

  get #poolId(): string {
    return this.#options.pool.id;
  }

  /** The address with the real port when 0 was asked for. */
  async start(): Promise<ListenAddress> {
    const { listen } = this.#options.pool.stratum;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => reject(new GatewayListenError(this.#poolId, listen, error)));
      this.#server.listen({ host: listen.host, port: listen.port, backlog: 4096 }, resolve);
    });
    this.#server.removeAllListeners('error');
    this.#server.on('error', (error) => this.#deps.logger.error({ error }, 'stratum listener failed'));
    this.#subscription = this.#deps.templates.subscribe(templateSubject(this.#poolId), (update) =>
      this.#onTemplate(update),
    );
    this.#ticker = setInterval(() => void this.#tell({ kind: 'tick' }), this.#options.limits.tickMs);
    const address = this.#server.address();
    return address !== null && typeof address === 'object'
      ? { host: listen.host, port: address.port }
      : listen;
  }

  /** Accepts nobody, answers what is in flight, then says goodbye. */
  async stop(): Promise<void> {
    const { drainDeadlineMs, byeMs } = this.#options.limits;
    this.#stopping = true;
    this.#subscription?.unsubscribe();
    clearInterval(this.#ticker);
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const connection of this.#connections) connection.stopReading();
    await this.#batcher.drain(drainDeadlineMs);
    for (const connection of this.#connections) connection.end();
    const impatient = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, byeMs);
    await closed;
    clearTimeout(impatient);
  }

  status(): PoolStatus {
    const { current, stoppedReason } = this.#book;
    return {
      poolId: this.#poolId,
      sessions: this.#connections.size,
      workers: this.#workers,
      ...(current === undefined ? {} : { jobHeight: current.template.height }),
      ...(stoppedReason === undefined ? {} : { stoppedReason }),
      rejectedByReason: Object.fromEntries(this.#rejects),
    };
  }

  #createServer(): Server {
    const { pool, stratum, limits } = this.#options;
    const { tls } = pool.stratum;
    const accept = (socket: Socket): void => this.#accept(socket);
    const server =
      tls === undefined
        ? createServer(accept)
        : createTlsServer(
            {
              cert: readFileSync(tls.certFile),
              key: readFileSync(tls.keyFile),
              handshakeTimeout: limits.handshakeTimeoutMs,
            },
            accept,
          );
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    // Also those whose TLS handshake never ends count here.
    server.maxConnections = stratum.maxConnections;
    server.on('drop', () => this.#countRefused());
    return server;
  }

  #createHost(): ConnectionHost {
    const { validation, crowd, clock, logger, metrics } = this.#deps;
    return {
      poolId: this.#poolId,
      env: this.#createEnv(),
      batcher: this.#batcher,
      clock,
      logger,
      metrics,
      limits: this.#options.limits,
      lease: (connection, sessionId) => this.#lease(connection, sessionId),
      transactions: (jobKey) => validation.transactions(this.#poolId, jobKey),
      onWorker: () => {
        this.#workers += 1;
        crowd.addWorker();
      },
      onReject: (reason) => {
        // The reasons are a closed set of the protocol.
        this.#rejects.set(reason, (this.#rejects.get(reason) ?? 0) + 1);
      },
      onHeldUp: (connection) => this.#heldUp.add(connection),
      onGone: (connection) => this.#onGone(connection),
    };
  }

  #createEnv(): SessionEnv {
    const { pool, stratum, serverVersion, limits } = this.#options;
    return {
      book: this.#book,
      targets: new ShareTargets(pool.coin.algorithm),
      vardiff: stratum.vardiff ?? vardiffDefaults(pool.coin),
      ceilingByNetwork: !isTrialChain(pool.coin),
      versionMask: pool.coin.versionRollingMask,
      parseAddress: (text) => parseAddress(pool.coin, text),
      admitsWorker: () => this.#deps.crowd.admitsWorker,
      serverVersion,
      handshakeTimeoutMs: limits.handshakeTimeoutMs,
      idleTimeoutMs: limits.idleTimeoutMs,
    };
  }

  #accept(socket: Socket): void {
    if (this.#stopping) {
      socket.destroy();
      return;
    }
    if (!this.#deps.crowd.enter()) {
      this.#countRefused();
      socket.destroy();
      return;
    }
    this.#connections.add(new Connection(socket, this.#host));
    this.#deps.metrics.sessions.set({ pool: this.#poolId }, this.#connections.size);
  }

  #countRefused(): void {
    this.#deps.metrics.closed.inc({ pool: this.#poolId, reason: 'too-many-connections' });
  }

  #lease(connection: Connection, sessionId: string | undefined): Lease {
    const { leases, clock } = this.#deps;
    if (sessionId !== undefined) this.#holders.get(sessionId)?.supersede();
    const lease = leases.take(this.#poolId, sessionId, clock());
    this.#holders.set(lease.sessionId, connection);
    return lease;
  }

  #onGone(connection: Connection): void {
    const { leases, crowd, clock, metrics } = this.#deps;
    const { session } = connection;
    const { lease } = session;
    this.#connections.delete(connection);
    this.#heldUp.delete(connection);
    this.#workers -= session.accounts.size;
    crowd.leave(session.accounts.size);
    metrics.sessions.set({ pool: this.#poolId }, this.#connections.size);
    if (lease === undefined) return;
    this.#holders.delete(lease.sessionId);
    // Who never logged in must not push out the leases of those who did.
    const isWorthKeeping = session.accounts.size > 0 || lease.estate !== undefined;
    if (isWorthKeeping) leases.leave(this.#poolId, lease, estateOf(session), clock());
    else leases.release(lease);
  }

  #relieve(): void {
    for (const connection of this.#heldUp) {
      if (this.#batcher.isSaturated) return;
      this.#heldUp.delete(connection);
      connection.resume();
    }
  }

  #onTemplate(update: TemplateUpdate): void {
    if (isStopped(update)) {
      this.#book.stop(update.reason);
      void this.#tell({ kind: 'work-stopped', reason: update.reason });
      return;
    }
    const ended = this.#deps.metrics.broadcastSeconds.startTimer({ pool: this.#poolId });
    const work = this.#book.add(update);
    void this.#tell({ kind: 'work', work }).then(() => ended());
  }

  /** One event to all sessions of this moment, in slices. A newer broadcast of work replaces an older one that still runs. */
  async #tell(event: SessionEvent): Promise<void> {
    const isWork = event.kind !== 'tick';
    if (isWork) this.#broadcast += 1;
    const mine = this.#broadcast;
    let told = 0;
    for (const connection of Array.from(this.#connections)) {
      connection.event(event);
      told += 1;
      if (told % this.#options.limits.broadcastSlice !== 0) continue;
      await turn();
      if (isWork && mine !== this.#broadcast) return;
    }
  }
}
