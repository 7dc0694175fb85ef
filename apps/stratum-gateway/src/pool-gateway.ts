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
import { type SessionEnv, type SessionEvent, ShareTargets, WorkBook, estateOf } from '@otedama/stratum-v1';
import { Connection, type ConnectionHost } from './connection.ts';
import { GatewayListenError } from './errors.ts';
import type { Leases } from './leases.ts';
import {
  BROADCAST_SLICE,
  DRAIN_DEADLINE_MS,
  HANDSHAKE_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  TICK_MS,
} from './limits.ts';
import type { GatewayMetrics } from './metrics.ts';
import { ShareBatcher } from './share-batcher.ts';
import { isTrialChain, vardiffDefaults } from './vardiff-defaults.ts';

export interface PoolGatewayDeps {
  readonly validation: ShareValidation;
  readonly templates: TemplateBus;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly logger: Logger;
  readonly metrics: GatewayMetrics;
}

export interface PoolGatewayOptions {
  readonly pool: PoolConfig;
  readonly stratum: StratumConfig;
  readonly serverVersion: string;
}

type PoolStatus = GatewayStatus['pools'][number];

export class PoolGateway {
  readonly #deps: PoolGatewayDeps;
  readonly #options: PoolGatewayOptions;
  readonly #book: WorkBook;
  readonly #connections = new Set<Connection>();
  readonly #batcher: ShareBatcher;
  readonly #host: ConnectionHost;
  readonly #server: Server;
  readonly #rejects = new Map<string, number>();
  #workers = 0;
  #broadcast = 0;
  #subscription: Subscription | undefined;
  #ticker: NodeJS.Timeout | undefined;

  constructor(deps: PoolGatewayDeps, options: PoolGatewayOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#book = new WorkBook(options.pool.coin.algorithm);
    const onRelief = (): void => {
      for (const connection of this.#connections) connection.resume();
    };
    this.#batcher = new ShareBatcher({ ...deps, onRelief }, options.pool.id);
    this.#host = this.#createHost();
    this.#server = this.#createServer();
    this.#server.maxConnections = options.stratum.maxConnections;
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
    this.#ticker = setInterval(() => void this.#tell({ kind: 'tick' }), TICK_MS);
    const address = this.#server.address();
    return address !== null && typeof address === 'object'
      ? { host: listen.host, port: address.port }
      : listen;
  }

  /** Accepts nobody, answers what is in flight, then says goodbye. */
  async stop(): Promise<void> {
    this.#subscription?.unsubscribe();
    clearInterval(this.#ticker);
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const connection of this.#connections) connection.stopReading();
    await this.#batcher.drain(DRAIN_DEADLINE_MS);
    for (const connection of this.#connections) connection.end();
    await closed;
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
    const { tls } = this.#options.pool.stratum;
    const accept = (socket: Socket): void => this.#accept(socket);
    if (tls === undefined) return createServer(accept);
    const secure = { cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) };
    return createTlsServer(secure, accept);
  }

  #createHost(): ConnectionHost {
    const { validation, leases, clock, logger, metrics } = this.#deps;
    return {
      poolId: this.#poolId,
      env: this.#createEnv(),
      batcher: this.#batcher,
      clock,
      logger,
      metrics,
      lease: (sessionId) => leases.take(sessionId, clock()),
      transactions: (jobKey) => validation.transactions(this.#poolId, jobKey),
      onWorker: () => {
        this.#workers += 1;
      },
      onReject: (reason) => {
        // The reasons are a closed set of the protocol.
        this.#rejects.set(reason, (this.#rejects.get(reason) ?? 0) + 1);
      },
      onGone: (connection) => this.#onGone(connection),
    };
  }

  #createEnv(): SessionEnv {
    const { pool, stratum, serverVersion } = this.#options;
    return {
      book: this.#book,
      targets: new ShareTargets(pool.coin.algorithm),
      vardiff: stratum.vardiff ?? vardiffDefaults(pool.coin),
      ceilingByNetwork: !isTrialChain(pool.coin),
      versionMask: pool.coin.versionRollingMask,
      parseAddress: (text) => parseAddress(pool.coin, text),
      admitsWorker: () => this.#workers < stratum.maxWorkers,
      serverVersion,
      handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS,
      idleTimeoutMs: IDLE_TIMEOUT_MS,
    };
  }

  #accept(socket: Socket): void {
    this.#connections.add(new Connection(socket, this.#host));
    this.#deps.metrics.sessions.set({ pool: this.#poolId }, this.#connections.size);
  }

  #onGone(connection: Connection): void {
    const { session } = connection;
    this.#connections.delete(connection);
    this.#workers -= session.accounts.size;
    this.#deps.metrics.sessions.set({ pool: this.#poolId }, this.#connections.size);
    if (session.lease !== undefined)
      this.#deps.leases.leave(session.lease, estateOf(session), this.#deps.clock());
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
      if (told % BROADCAST_SLICE !== 0) continue;
      await turn();
      if (isWork && mine !== this.#broadcast) return;
    }
  }
}
